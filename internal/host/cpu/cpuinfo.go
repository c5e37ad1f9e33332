// SPDX-License-Identifier: GPL-2.0-or-later

// Package cpu tells what a host's processor is: its name, its speed and the
// flags by which a manager finds the cluster it fits into.
package cpu

import (
	"fmt"
	"slices"
	"strings"

	"govdsm/internal/host/virtcaps"
	"govdsm/internal/hostfs"
)

// Unavailable stands for a speed the kernel does not tell.
const Unavailable = "unavailable"

// Info is the part of /proc/cpuinfo that a manager is told. The kernel's
// names differ by architecture; what it does not tell is "".
type Info struct {
	Model     string
	Frequency string // MHz as text; BogoMIPS on ARM, which has nothing better; or Unavailable
	Flags     []string
	Platform  string // POWER: "PowerNV"
	Machine   string // POWER: "PowerNV 8247-22L"
	Board     string // POWER: the line "model"
}

// Read reads /proc/cpuinfo. The first processor that is on speaks for all.
func Read(fs hostfs.FS, arch string) (Info, error) {
	text, err := fs.Bytes("/proc/cpuinfo")
	if err != nil {
		return Info{Frequency: Unavailable}, fmt.Errorf("processor: %w", err)
	}
	return Parse(string(text), arch), nil
}

// Parse reads the text of /proc/cpuinfo on a machine of the architecture that
// uname calls arch.
func Parse(text, arch string) Info {
	var i Info
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if ok {
			i.take(strings.TrimSpace(key), strings.TrimSpace(value))
		}
	}
	if i.Frequency == "" {
		i.Frequency = Unavailable
	}
	if virtcaps.IsPower(arch) {
		i.Flags = []string{"powernv"} // POWER has no flags; managers look for this one
	}
	return i
}

// take keeps the first value of each property.
func (i *Info) take(key, value string) {
	first := func(property *string, value string) {
		if *property == "" {
			*property = value
		}
	}
	switch key {
	case "flags", "Features", "features": // x86, ARM, s390
		if i.Flags == nil {
			i.Flags = strings.Fields(value)
		}
	case "cpu MHz", "BogoMIPS", "cpu MHz dynamic": // x86, ARM, s390
		first(&i.Frequency, value)
	case "clock": // POWER: "3425.000000MHz"
		first(&i.Frequency, strings.TrimSuffix(value, "MHz"))
	case "model name", "CPU part", "cpu": // x86, ARM, POWER
		first(&i.Model, value)
	case "model":
		first(&i.Board, value)
	case "platform":
		first(&i.Platform, value)
	case "machine":
		first(&i.Machine, value)
	default: // s390: "processor 0: version = FF, identification = 1FDDC8, machine = 8561"
		if strings.HasPrefix(key, "processor ") {
			if _, machine, ok := strings.Cut(value, "machine = "); ok {
				first(&i.Model, machine)
			}
		}
	}
}

// Flags joins all that a manager compares with its list of processor types:
// the kernel's flags and libvirt's features, "spec_ctrl" where a model proves
// it, and a model_ entry for each model that guests may have. Without domain
// capabilities (nil) the kernel's flags are all that is known. The text is
// comma separated and sorted within its two parts.
func Flags(kernel []string, d *virtcaps.Domain, arch string) string {
	flags := slices.Clone(kernel)
	var models []string
	if d != nil {
		flags = append(flags, d.Features...)
		for _, m := range d.CompatibleModels(arch) {
			models = append(models, "model_"+m)
			if strings.HasSuffix(m, "-IBRS") {
				flags = append(flags, "spec_ctrl")
			}
		}
	}
	return strings.Join(append(unique(flags), unique(models)...), ",")
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
