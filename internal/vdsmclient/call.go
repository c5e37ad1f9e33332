// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/pki"
)

// failure is an error in the words of the original's vdsm-client, which scripts
// look for.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

func failed(cause error, format string, args ...any) error {
	return &failure{fmt.Sprintf(format, args...), cause}
}

// call carries out one verb and prints its result.
func (s *settings) call(cmd *cobra.Command, verb string, args []string) error {
	if !slices.Contains(formats, s.output) {
		return usage("argument --output: invalid choice: %s (choose from %s)", api.Repr(s.output), strings.Join(formats, ", "))
	}
	if s.output == "tree" && !drawn(verb) {
		return usage("argument --output: only %s can be shown as a tree", strings.Join(drawings(), ", "))
	}
	p, err := paramsOf(args, s.file, cmd.InOrStdin())
	if err != nil {
		return err
	}
	ctx, cancel := s.limit(cmd.Context())
	defer cancel()
	host, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer host.Close()
	result, err := host.Request(client.WithFlow(ctx, s.flow), verb, p)
	var refused *api.Error
	switch {
	case err == nil:
		given := make(map[string]any, len(p))
		for _, item := range p {
			given[item.Key] = item.Value
		}
		more := func(ctx context.Context, verb string, params map[string]any) (json.RawMessage, error) {
			return host.Request(client.WithFlow(ctx, s.flow), verb, params)
		}
		return s.print(ctx, cmd.OutOrStdout(), verb, given, result, more)
	case errors.As(err, &refused):
		return failed(nil, "Command %s with args %s failed:\n(code=%d, message=%s)",
			verb, api.Repr(api.PyDict(p)), refused.Number, refused)
	case errors.Is(err, context.DeadlineExceeded):
		return failed(err, "Request %s with args %s timed out after %s seconds",
			verb, api.Repr(api.PyDict(p)), seconds(s.timeout))
	default:
		return failed(err, "Request %s with args %s failed: %s", verb, api.Repr(api.PyDict(p)), err)
	}
}

// dial connects to the host; the text of its error is the original's.
func (s *settings) dial(ctx context.Context) (*client.Host, error) {
	options := client.Options{Address: net.JoinHostPort(s.host, strconv.Itoa(s.port))}
	err := func() error {
		if s.insecure {
			return nil
		}
		source, err := pki.Open(pki.At(s.pki), slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		options.TLS = source.Client()
		return nil
	}()
	if err == nil {
		var host *client.Host
		if host, err = client.Dial(ctx, options); err == nil {
			return host, nil
		}
	}
	return nil, failed(err, "Connection to %s:%d with use_tls=%s, timeout=%s failed: %s",
		s.host, s.port, api.Repr(!s.insecure), seconds(s.timeout), err)
}

// seconds writes a number of seconds as Python does.
func seconds(v float64) string {
	if v == float64(int64(v)) {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func eventsCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "events [queue]",
		Short: "Follow the events of the host, one JSON object a line",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			queue := client.EventQueue
			if len(args) == 1 {
				queue = args[0]
			}
			return s.follow(cmd.Context(), cmd.OutOrStdout(), queue)
		},
	}
}

// follow prints events until ctx ends, which is how it is meant to end, or the
// connection does.
func (s *settings) follow(ctx context.Context, w io.Writer, queue string) error {
	dialing, cancel := s.limit(ctx)
	host, err := s.dial(dialing)
	cancel()
	if err != nil {
		return err
	}
	defer host.Close()
	sub, err := host.Subscribe(ctx, queue)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-sub.C:
			if !open {
				return client.ErrLost
			}
			if e.Missed > 0 {
				fmt.Fprintf(w, "# %d events were missed\n", e.Missed)
			}
			fmt.Fprintf(w, "{\"event\": %q, \"params\": %s}\n", e.ID, e.Params)
		}
	}
}
