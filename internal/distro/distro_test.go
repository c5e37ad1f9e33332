// SPDX-License-Identifier: GPL-2.0-or-later

package distro

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDetect(t *testing.T) {
	for text, want := range map[string]string{
		"NAME=Debian\nID=debian\n":                           "Debian and Ubuntu",
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n":          "Debian and Ubuntu",
		"ID=\"ol\"\nID_LIKE=\"fedora\"\n":                    "Fedora and Enterprise Linux",
		"ID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\n": "Fedora and Enterprise Linux",
		"ID='opensuse-leap'\nID_LIKE='suse opensuse'\n":      "SUSE",
		"ID=gentoo\n": "Fedora and Enterprise Linux",
		"rubbish\x00": "Fedora and Enterprise Linux",
	} {
		root := t.TempDir()
		if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "etc/os-release"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := Detect(root).Name; got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := Detect(t.TempDir()).Name; got == "" {
		t.Error("a host without os-release has no family")
	}
}
