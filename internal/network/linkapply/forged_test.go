// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The folder of the journal lies in one of vdsmd's user, who can put another
// one in its place: what such a journal says is not done as root.
func TestForgedJournal(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(dir, journal string) error{
		"a folder that others write": func(dir, _ string) error { return os.Chmod(dir, 0o777) },
		"a file that others write":   func(_, journal string) error { return os.Chmod(journal, 0o666) },
	} {
		top := t.TempDir()
		dir, target := filepath.Join(top, "netapply"), filepath.Join(top, "target")
		journal := filepath.Join(dir, "journal")
		step, err := json.Marshal(&replaceFile{Path: target, Old: []byte("forged")})
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("{\"journal\":1,\"boot\":\"another\",\"steps\":1}\n{\"step\":\"replace-file\",\"data\":%s}\n{\"begun\":1}\n", step)
		if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(journal, []byte(text), 0o600), forge(dir, journal)); err != nil {
			t.Fatal(err)
		}
		if _, err := readJournal(journal); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: it is read: %v", name, err)
		}
		a := New(Options{Journal: journal})
		if err := a.Recover(context.Background(), nil); err == nil {
			t.Errorf("%s: it is believed", name)
		}
		if text, err := os.ReadFile(target); err == nil {
			t.Errorf("%s: written: %q", name, text)
		}
		_ = os.Chmod(dir, 0o777)
		if _, err := openJournal(journal, header{}, nil); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: a change begins in such a folder: %v", name, err)
		}
	}
}
