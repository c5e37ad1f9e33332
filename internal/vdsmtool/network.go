// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/network/drift"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/nmstate"
)

// network are commands for people that the original does not have.
func (t *tool) network() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "network",
		Short: "Look at the host's networks: what a change would do, and what has drifted",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(t.networkPlan(), t.networkStatus())
	return cmd
}

func (t *tool) networkPlan() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Print what Host.setupNetworks would change, and change nothing",
		Long: "plan reads the parameters of Host.setupNetworks as JSON, from FILE or from standard input (-), and prints\n" +
			"what the call would change, as a diff, and the steps that lead there. Hooks are not run. It exits with 1\n" +
			"when the call would be refused.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			raw, err := readFile(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			params, err := requestOf(cmd.Context(), raw)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return t.withNetworks(func(n *networks) error {
				plan, err := n.planner(cmd.Context()).Plan(cmd.Context(), params)
				if err != nil {
					return err
				}
				if format == "json" {
					return writeJSON(cmd.OutOrStdout(), planJSON(plan))
				}
				return writePlan(cmd.OutOrStdout(), plan)
			})
		},
	}
	outputFlag(cmd, &format)
	return cmd
}

func readFile(path string, stdin io.Reader) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(path)
}

// requestOf reads parameters with the rules of the wire. Parts that are left
// out are empty.
func requestOf(ctx context.Context, raw []byte) (*api.HostSetupNetworksParams, error) {
	parts := map[string]json.RawMessage{
		"networks": json.RawMessage("{}"), "bondings": json.RawMessage("{}"), "options": json.RawMessage("{}"),
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, err
	}
	whole, err := json.Marshal(parts)
	if err != nil {
		return nil, err
	}
	var params *api.HostSetupNetworksParams
	table := dispatch.NewTable(dispatch.Checker{Strict: true})
	dispatch.Bind(table, api.HostSetupNetworks, func(_ context.Context, p *api.HostSetupNetworksParams) (api.Status, error) {
		params = p
		return api.Done, nil
	})
	handler, err := table.Lookup(api.HostSetupNetworks.Name)
	if err == nil {
		_, err = table.Call(ctx, handler, whole)
	}
	return params, err
}

func planJSON(p netswitch.Plan) any {
	type change struct {
		Sign string   `json:"sign"`
		What string   `json:"what"`
		How  []string `json:"how"`
	}
	changes := []change{}
	for _, c := range p.Changes {
		changes = append(changes, change{string(c.Sign), c.What, append([]string{}, c.How...)})
	}
	return struct {
		Changes  []change      `json:"changes"`
		Steps    []string      `json:"steps"`
		Document nmstate.State `json:"document"`
	}{changes, append([]string{}, p.Steps...), p.Document}
}

func writePlan(w io.Writer, p netswitch.Plan) error {
	if len(p.Changes) == 0 && len(p.Steps) == 0 {
		_, err := fmt.Fprintln(w, "nothing would change")
		return err
	}
	var b strings.Builder
	b.WriteString(nmstate.Text(p.Changes))
	fmt.Fprintf(&b, "\n%d steps:\n", len(p.Steps))
	for i, step := range p.Steps {
		fmt.Fprintf(&b, "%4d  %s\n", i+1, step)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *tool) networkStatus() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Compare the networks that are there with those that were set up and those that were saved",
		Long: "status compares what the kernel has with what was set up, and that with what the next boot restores.\n" +
			"It changes nothing, and exits with 1 when they differ.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			return t.withNetworks(func(n *networks) error {
				view, err := n.host.Look(cmd.Context())
				if err != nil {
					return err
				}
				status := view.Status()
				if format == "json" {
					err = writeJSON(cmd.OutOrStdout(), status)
				} else {
					err = writeStatus(cmd.OutOrStdout(), status)
				}
				if status.Drifted() {
					err = errors.Join(err, exitCode(1))
				}
				return err
			})
		},
	}
	outputFlag(cmd, &format)
	return cmd
}

func writeStatus(w io.Writer, s drift.Status) error {
	var b strings.Builder
	section := func(title, well string, list []drift.Difference) {
		if len(list) == 0 {
			b.WriteString(well + "\n")
			return
		}
		b.WriteString(title + "\n")
		for _, d := range list {
			fmt.Fprintf(&b, "  %s\n", d)
		}
	}
	section("The kernel has not what was set up:", "The kernel has what was set up.", s.Kernel)
	section("What was set up is not what the next boot restores:", "The next boot restores what was set up.", s.Boot)
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "Not understood: %s\n", p)
	}
	for _, name := range s.Unseen {
		fmt.Fprintf(&b, "Not compared with the kernel, as it lies on Open vSwitch: network %s\n", name)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
