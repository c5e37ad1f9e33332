// SPDX-License-Identifier: GPL-2.0-or-later

package bondscan

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"govdsm/internal/atomicfile"
	"govdsm/internal/network/kernelconfig"
)

// The files, in /run/vdsm as a rule. Their form is the original's.
const (
	DefaultsFile = "bonding-defaults.json"
	NumbersFile  = "bonding-name2numeric.json"
)

// Dump scans and writes both files into a folder, which is made if need be.
func Dump(ctx context.Context, dir string) (kernelconfig.BondOptions, error) {
	options, err := Scan(ctx)
	if err != nil {
		return options, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return options, err
	}
	return options, errors.Join(
		write(filepath.Join(dir, DefaultsFile), options.Defaults),
		write(filepath.Join(dir, NumbersFile), options.Numbers))
}

func write(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "    ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(text, '\n'), 0o644)
}

// Load reads both files.
func Load(dir string) (kernelconfig.BondOptions, error) {
	defaults, err := os.ReadFile(filepath.Join(dir, DefaultsFile))
	if err != nil {
		return kernelconfig.BondOptions{}, err
	}
	numbers, err := os.ReadFile(filepath.Join(dir, NumbersFile))
	if err != nil {
		return kernelconfig.BondOptions{}, err
	}
	return kernelconfig.ParseBondOptions(defaults, numbers)
}

// Known reads what was found out since the boot, or else finds it out.
func Known(ctx context.Context, dir string) (kernelconfig.BondOptions, error) {
	if options, err := Load(dir); err == nil && len(options.Defaults) > 0 {
		return options, nil
	}
	return Dump(ctx, dir)
}
