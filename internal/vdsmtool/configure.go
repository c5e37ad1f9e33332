// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"govdsm/internal/config"
)

// module is one thing outside of the daemon that has to be set up for it.
type module struct {
	name  string
	check func() error // nil: it is configured
	// configure sets it up and may be called again; force does it anew.
	configure func(force bool) error
}

func (t *tool) modules() []module {
	c, _ := config.Load(t.root)
	return []module{t.certificates(c)}
}

// choose returns the modules with the names, or all.
func (t *tool) choose(names []string) ([]module, error) {
	all := t.modules()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []module
	for _, name := range names {
		i := slices.IndexFunc(all, func(m module) bool { return m.name == name })
		if i < 0 {
			var known []string
			for _, m := range all {
				known = append(known, m.name)
			}
			return nil, fmt.Errorf("argument --module: invalid choice: %s (available: %s)", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// moduleCommand is a command that takes --module.
func (t *tool) moduleCommand(name, short string, run func(*cobra.Command, []module) error) *cobra.Command {
	var names []string
	cmd := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := t.needsRoot(cmd); err != nil {
				return err
			}
			modules, err := t.choose(names)
			if err != nil {
				return err
			}
			return run(cmd, modules)
		},
	}
	cmd.Flags().StringArrayVar(&names, "module", nil, "only this `module`; may be repeated")
	return cmd
}

func (t *tool) moduleCommands() []*cobra.Command {
	var force bool
	configure := t.moduleCommand("configure", "Set the host up for vdsmd",
		func(cmd *cobra.Command, modules []module) error { return t.configure(cmd, modules, force) })
	configure.Flags().BoolVar(&force, "force", false, "also what is configured already")
	return []*cobra.Command{
		configure,
		t.moduleCommand("is-configured", "Exit 0 when the host is set up for vdsmd", t.isConfigured),
		t.moduleCommand("validate-config", "Report what is wrong in the configuration", t.validate),
	}
}

func (t *tool) configure(cmd *cobra.Command, modules []module, force bool) error {
	out := cmd.OutOrStdout()
	fmt.Fprint(out, "\nChecking configuration status...\n\n")
	for _, m := range modules {
		if m.check() == nil && !force {
			fmt.Fprintf(out, "%s is already configured for vdsm\n", m.name)
			continue
		}
		t.log.InfoContext(cmd.Context(), "configures", "module", m.name, "force", force)
		if err := m.configure(force); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if err := m.check(); err != nil {
			return fmt.Errorf("%s is still not configured: %w", m.name, err)
		}
		fmt.Fprintf(out, "Reconfiguration of %s is done.\n", m.name)
	}
	fmt.Fprint(out, "\nDone configuring modules to VDSM.\n")
	return nil
}

func (t *tool) isConfigured(cmd *cobra.Command, modules []module) error {
	var missing []string
	for _, m := range modules {
		if err := m.check(); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %v\n", m.name, err)
			missing = append(missing, m.name)
		} else {
			fmt.Fprintf(cmd.OutOrStdout(), "%s is already configured for vdsm\n", m.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("modules %s are not configured; next: vdsm-tool configure --module %s",
		strings.Join(missing, ", "), strings.Join(missing, " --module "))
}

// validate lists all problems of the configuration files; notes about options
// without effect do not make them invalid.
func (t *tool) validate(cmd *cobra.Command, modules []module) error {
	_, problems := config.Load(t.root)
	faults := 0
	for _, p := range problems {
		mark := "fault"
		if p.Kind == config.NoEffect {
			mark = "note"
		} else {
			faults++
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", mark, p)
	}
	var errs []error
	for _, m := range modules {
		if err := m.check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	if faults > 0 {
		errs = append(errs, errors.New("config is not valid: each fault above names file and line"))
	}
	return errors.Join(errs...)
}
