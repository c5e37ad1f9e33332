// SPDX-License-Identifier: GPL-2.0-or-later

package cpu_test

import (
	"strings"
	"testing"

	"govdsm/internal/host/cpu"
	"govdsm/internal/host/virtcaps"
)

func TestProcessors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arch, text, model, frequency, flags string
	}{
		"x86": {"x86_64", "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Xeon: Gold\ncpu MHz\t\t: 2100.5\nflags\t\t: nx vmx\n\nprocessor\t: 1\nmodel name\t: other\ncpu MHz\t\t: 800\nflags\t\t: none\n",
			"Xeon: Gold", "2100.5", "nx vmx"},
		"ARM": {"aarch64", "processor\t: 0\nBogoMIPS\t: 100.00\nFeatures\t: fp asimd\nCPU part\t: 0xd0c\n",
			"0xd0c", "100.00", "fp asimd"},
		"s390": {"s390x", "vendor_id       : IBM/S390\nfeatures\t: esan3 zarch\nprocessor 0: version = FF,  identification = 1FDDC8,  machine = 8561\n\ncpu MHz dynamic : 5200\ncpu MHz static  : 5200\n",
			"8561", "5200", "esan3 zarch"},
		"old s390": {"s390x", "features\t: esan3\nprocessor 0: version = FF,  machine = 2827\n", "2827", "unavailable", "esan3"},
		"POWER":    {"ppc64le", "cpu\t\t: POWER8E\nclock\t\t: 3690.000000MHz\n", "POWER8E", "3690.000000", "powernv"},
		"nothing":  {"x86_64", "", "", "unavailable", ""},
	} {
		i := cpu.Parse(c.text, c.arch)
		if i.Model != c.model || i.Frequency != c.frequency || strings.Join(i.Flags, " ") != c.flags {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kernel []string
		domain *virtcaps.Domain
		arch   string
		want   string
	}{
		"without libvirt":  {[]string{"vmx", "nx"}, nil, "x86_64", "nx,vmx"},
		"both know a flag": {[]string{"nx", "ssbd"}, &virtcaps.Domain{Features: []string{"ssbd", "md-clear"}}, "x86_64", "md-clear,nx,ssbd"},
		"models": {[]string{"nx"}, &virtcaps.Domain{Models: []string{"Penryn", "Nehalem-IBRS"}}, "x86_64",
			"nx,spec_ctrl,model_Nehalem-IBRS,model_Penryn"},
		"spec_ctrl once":   {[]string{"spec_ctrl"}, &virtcaps.Domain{Models: []string{"A-IBRS", "B-IBRS"}}, "x86_64", "spec_ctrl,model_A-IBRS,model_B-IBRS"},
		"IBRS in the name": {[]string{"nx"}, &virtcaps.Domain{Models: []string{"A-IBRS-x"}}, "x86_64", "nx,model_A-IBRS-x"},
		"POWER":            {[]string{"powernv"}, &virtcaps.Domain{Models: []string{"no"}, HostModels: []string{"POWER8"}}, "ppc64", "powernv,model_POWER8"},
		"nothing":          {nil, nil, "x86_64", ""},
	} {
		if got := cpu.Flags(c.kernel, c.domain, c.arch); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
