// SPDX-License-Identifier: GPL-2.0-or-later

// Package vdsmclient is the command line of vdsm-client: arguments, output and
// exit codes of the original, and beyond them tables, completion and events.
package vdsmclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"govdsm/api"
	"govdsm/internal/apidoc"
	"govdsm/internal/pki"
	"govdsm/internal/version"
)

const program = "vdsm-client"

// settings are the options that stand before namespace and method.
type settings struct {
	host     string
	port     int
	insecure bool
	pki      string
	flow     string
	timeout  float64 // seconds
	file     string
	output   string
	gluster  bool
}

// Main runs vdsm-client and returns its exit code: 0 for success, 1 for a call
// that failed, 2 for a fault of the command line.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(args)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var misused *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &misused):
		fmt.Fprintf(stderr, "usage: %s\n%s: error: %s\n", cmd.UseLine(), cmd.CommandPath(), misused)
		return 2
	default:
		fmt.Fprintf(stderr, "%s: %s\n", program, err)
		return 1
	}
}

func newRoot(args []string) *cobra.Command {
	s := &settings{}
	root := &cobra.Command{
		Use:   program + " [options] namespace method [name=value ...]",
		Short: "Call the verbs of an oVirt host",
		Long: `Call the verbs of an oVirt host.

Parameters given as name=value are text; anything structured is read as JSON
from a file with -f FILE, or from standard input with -f -.`,
		Version:       version.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          refuse("namespace method [arg=value]"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("the following arguments are required: namespace method")
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%s", err) })
	f := root.PersistentFlags()
	f.StringVarP(&s.host, "host", "a", "localhost", "host address")
	f.IntVarP(&s.port, "port", "p", 54321, "port")
	f.BoolVar(&s.insecure, "insecure", false, "plain TCP, for a host with ssl=false")
	f.StringVar(&s.pki, "pki", pki.DefaultDir, "directory with keys/vdsmkey.pem, certs/vdsmcert.pem and certs/cacert.pem")
	f.StringVar(&s.flow, "flow-id", "", "id that the host writes into every log line of the call")
	f.Float64Var(&s.timeout, "timeout", 60, "seconds to wait for the answer")
	f.StringVarP(&s.file, "file", "f", "", `JSON file with the parameters; "-" is standard input`)
	f.StringVar(&s.output, "output", "json", "format of the result: "+strings.Join(formats, ", "))
	f.BoolVar(&s.gluster, "gluster-enabled", false, "offer the gluster verbs too")
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))

	gluster := slices.Contains(args, "--gluster-enabled")
	verbs := make(map[string][]*api.Declaration)
	for _, d := range api.Verbs() {
		if gluster || !d.Gluster() {
			verbs[d.Namespace()] = append(verbs[d.Namespace()], d)
		}
	}
	root.AddGroup(&cobra.Group{ID: "namespaces", Title: "Namespaces:"}, &cobra.Group{ID: "more", Title: "More:"})
	for _, n := range api.Namespaces() {
		declared, offered := verbs[n.Name]
		if !offered {
			continue
		}
		// Only the namespaces on the command line get their methods: building
		// all of them would take most of the time of a call.
		if !slices.Contains(args, n.Name) {
			declared = nil
		}
		root.AddCommand(namespaceCommand(s, n, declared))
	}
	events := eventsCommand(s)
	events.GroupID = "more"
	root.AddCommand(events)
	root.SetHelpCommandGroupID("more")
	root.SetCompletionCommandGroupID("more")
	return root
}

func namespaceCommand(s *settings, n api.Namespace, methods []*api.Declaration) *cobra.Command {
	cmd := &cobra.Command{
		Use:     n.Name + " method [name=value ...]",
		Short:   n.Doc,
		GroupID: "namespaces",
		Args:    refuse("method [arg=value]"),
		RunE: func(*cobra.Command, []string) error {
			return usage("the following arguments are required: method")
		},
	}
	for _, d := range methods {
		cmd.AddCommand(methodCommand(s, d))
	}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		reference := apidoc.Reference()
		w := cmd.OutOrStdout()
		var err error
		if verb := reference.Verb(n.Name + "." + cmd.Name()); verb != nil && cmd.HasParent() && cmd.Parent().Name() == n.Name {
			err = reference.WriteUsage(w, program, verb)
		} else {
			err = reference.Namespace(n.Name).WriteUsage(w, program)
		}
		if err != nil {
			cmd.PrintErrln(program+":", err)
		}
	})
	return cmd
}

func methodCommand(s *settings, d *api.Declaration) *cobra.Command {
	return &cobra.Command{
		Use: d.Method() + " [name=value ...]",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.call(cmd, d.Name, args)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return parameterNames(d), cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// parameterNames completes the left side of name=value.
func parameterNames(d *api.Declaration) []string {
	names := make([]string, 0, d.Params.NumField())
	for i := range d.Params.NumField() {
		name, _, _ := strings.Cut(d.Params.Field(i).Tag.Get("json"), ",")
		names = append(names, name+"=")
	}
	return names
}

// refuse makes a word that is no sub-command a fault of the command line that
// names the choices.
func refuse(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var choices []string
		for _, c := range cmd.Commands() {
			choices = append(choices, api.Repr(c.Name()))
		}
		return usage("argument %s: invalid choice: %s (choose from %s)", what, api.Repr(args[0]), strings.Join(choices, ", "))
	}
}

// limit bounds ctx with --timeout.
func (s *settings) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, time.Duration(s.timeout*float64(time.Second)))
}
