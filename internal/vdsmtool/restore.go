// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"govdsm/api"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/restore"
)

// networkCommands are the original's commands about networks.
func (t *tool) networkCommands() []*cobra.Command {
	return []*cobra.Command{t.restoreNets(), t.listNets(), t.clearNets(), t.network()}
}

// withNetworks opens the host's networking for a command.
func (t *tool) withNetworks(run func(*networks) error) error {
	n, err := t.openNetworks()
	if err != nil {
		return err
	}
	return errors.Join(run(n), n.close())
}

// outputFlag lets a command print JSON.
func outputFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "output", "text", "`format` of the result: text, json")
}

func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("argument --output: invalid choice: %s (choose from text, json)", format)
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (t *tool) restoreNets() *cobra.Command {
	var force bool
	var wait time.Duration
	var format string
	cmd := &cobra.Command{
		Use:   "restore-nets",
		Short: "Set up the networks that were saved, once after each boot",
		Long: "restore-nets sets up the networks that were saved, and removes those that were set up and not saved.\n" +
			"It runs before the daemons. Networks without their cards are waited for, then reported; as in the\n" +
			"original, a network that cannot be restored is no failure of the whole: the exit code stays 0.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(checkFormat(format), t.needsRoot(cmd)); err != nil {
				return err
			}
			return t.withNetworks(func(n *networks) error {
				n.act(cmd.Context())
				report, err := restore.New(restore.Options{
					Host: n.host, Kernel: n.kernel, Networks: n, Forget: n.forget, VFs: n,
					Mark: filepath.Join(t.root, restore.DefaultMark), Wait: wait,
					Log: t.logs.Logger("restore-net"),
				}).Restore(cmd.Context(), force)
				if format == "json" {
					return errors.Join(err, writeJSON(cmd.OutOrStdout(), report))
				}
				return errors.Join(err, writeReport(cmd.OutOrStdout(), report))
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "also when it was done since the boot already")
	cmd.Flags().DurationVar(&wait, "wait", restore.DefaultWait, "how `long` to wait for cards that are not there")
	outputFlag(cmd, &format)
	return cmd
}

func writeReport(w io.Writer, r restore.Report) error {
	if r.Already {
		_, err := fmt.Fprintln(w, "networks were restored since the boot already; --force does it again")
		return err
	}
	var text []byte
	for _, list := range []struct {
		word  string
		items []string
	}{{"card renamed", r.Renamed}, {"removed", r.Removed}, {"restored", r.Done}} {
		for _, item := range list.items {
			text = fmt.Appendf(text, "%s: %s\n", list.word, item)
		}
	}
	for _, f := range r.Failed {
		text = fmt.Appendf(text, "NOT restored: %s: %s\n", f.What, f.Why)
	}
	text = fmt.Appendf(text, "%d as saved, %d restored, %d removed, %d not restored\n",
		r.Same, len(r.Done), len(r.Removed), len(r.Failed))
	_, err := w.Write(text)
	return err
}

func (t *tool) listNets() *cobra.Command {
	return &cobra.Command{
		Use:   "list-nets",
		Short: "List the networks of the host, and mark the one with the default route",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.withNetworks(func(n *networks) error {
				view, err := n.host.Look(cmd.Context())
				if err != nil {
					return err
				}
				for _, name := range names(view.Kernel.Networks) {
					if view.Kernel.Networks[name].DefaultRoute {
						name += " (default route)"
					}
					fmt.Fprintln(cmd.OutOrStdout(), name)
				}
				return nil
			})
		},
	}
}

func names[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func (t *tool) clearNets() *cobra.Command {
	var keep []string
	var all bool
	cmd := &cobra.Command{
		Use:   "clear-nets {--exclude-net NETWORK [NETWORK ...] | --all}",
		Short: "Remove the host's networks, for good",
		Args:  cobra.ArbitraryArgs, // the rest of --exclude-net's
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(keep) == 0 && (!all || len(args) > 0) {
				fmt.Fprintln(cmd.ErrOrStderr(), "clear-nets: error: name the networks to keep with --exclude-net, or remove --all;"+
					" vdsm-tool list-nets lists them")
				return exitCode(2)
			}
			if err := t.needsRoot(cmd); err != nil {
				return err
			}
			return t.withNetworks(func(n *networks) error { return n.clear(cmd, append(keep, args...)) })
		},
	}
	cmd.Flags().StringArrayVarP(&keep, "exclude-net", "e", nil, "keep this `network`, and those named after it")
	cmd.Flags().BoolVar(&all, "all", false, "keep none")
	return cmd
}

// clear removes networks in one call, and saves what is left.
func (n *networks) clear(cmd *cobra.Command, keep []string) error {
	n.act(cmd.Context())
	view, err := n.host.Look(cmd.Context())
	if err != nil {
		return err
	}
	request := netconf.Request{Networks: make(map[string]netconf.Network)}
	for name := range view.Running.Networks {
		if !slices.Contains(keep, name) {
			request.Networks[name] = netconf.Network{Remove: true}
		}
	}
	if len(request.Networks) > 0 {
		params := request.Params()
		params.Options.ConnectivityCheck = new(api.Tobool(false))
		if err := n.Setup(cmd.Context(), &params); err != nil {
			return err
		}
	}
	return n.save(cmd.Context())
}
