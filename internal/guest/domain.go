// SPDX-License-Identifier: GPL-2.0-or-later

package guest

import (
	_ "embed" // domain.xml
	"encoding/xml"
	"fmt"
	"runtime"
	"strings"
	"text/template"

	"github.com/google/uuid"

	"govdsm/internal/kvm"
)

//go:embed domain.xml
var domainText string

// VM is what the document for a guest says.
type VM struct {
	ID        uuid.UUID
	Name      string
	Emulator  string // path of QEMU
	KVM       bool
	MemoryMiB int
	Kernel    string // files
	Initrd    string
	Console   string // file that gets what the guest prints

	// Channels is the folder where the guest agent's socket goes, as libvirt
	// sees it; "" for wherever libvirt puts it.
	Channels string
}

// XML returns the document that a manager would send in VM.create.
func (v VM) XML() (string, error) {
	text, err := template.New("domain").Funcs(template.FuncMap{"xml": escape}).Parse(domainText)
	if err != nil {
		return "", err
	}
	kind, err := machineFor(v.KVM)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = text.Execute(&out, struct {
		VM
		machine
		MemoryKiB, MaxMemoryKiB int
	}{v, kind, v.MemoryMiB << 10, v.MemoryMiB << 12})
	return out.String(), err
}

// machine is what differs from processor to processor.
type machine struct {
	Arch, Machine string
	Type          string // of the domain
	CPUMode       string // "" for the machine's default model
	Line          string // the kernel's name of the serial console
	PC            bool   // has a VGA, ISA devices and PC timers
}

func machineFor(useKVM bool) (machine, error) {
	m := machine{Arch: kvm.Processor(), Type: "qemu"}
	if useKVM {
		m.Type = "kvm"
	}
	switch runtime.GOARCH {
	case "amd64":
		m.Machine, m.Line, m.PC = "pc", "ttyS0", true
	case "arm64":
		m.Machine, m.Line, m.CPUMode = "virt", "ttyAMA0", "maximum"
	default:
		return m, fmt.Errorf("no machine is described for %s", runtime.GOARCH)
	}
	if useKVM {
		m.CPUMode = "host-passthrough"
	}
	return m, nil
}

func escape(text string) (string, error) {
	var out strings.Builder
	err := xml.EscapeText(&out, []byte(text))
	return out.String(), err
}
