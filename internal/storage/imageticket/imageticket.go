// SPDX-License-Identifier: GPL-2.0-or-later

// Package imageticket gives tickets to the image daemon of this host,
// ovirt-imageio: who shows one over HTTPS may read or write an image. The
// daemon takes them over HTTP on a local socket, one request for each change.
//
// Source: lib/vdsm/storage/imagetickets.py.
package imageticket

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/domain"
)

// Socket is where the daemon listens.
const Socket = "/run/ovirt-imageio/sock"

const (
	// timeout of one request. The original waits without end.
	timeout = time.Minute
	// mostAnswer is how long an answer can be, in bytes.
	mostAnswer = 1 << 20
)

// Daemon is the image daemon. Its methods may be called at once.
//
// Errors are [api.ErrImageDaemonUnsupported] on a host without a daemon,
// [api.ErrImageTickets] when it cannot be talked to, and [api.ErrImageDaemon]
// when it refuses.
type Daemon struct {
	socket string
	client http.Client
}

// New returns the daemon behind a socket, "" for the usual one.
func New(socket string) *Daemon {
	d := &Daemon{socket: cmp.Or(socket, Socket)}
	d.client = http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				var dialer net.Dialer
				return dialer.DialContext(ctx, "unix", d.socket)
			},
			DisableKeepAlives: true, // tickets are few, and the daemon restarts
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return d
}

// Add adds a ticket, which goes as it came: managers and daemons know more
// members than we do.
func (d *Daemon) Add(ctx context.Context, id string, ticket json.RawMessage) error {
	_, err := d.request(ctx, http.MethodPut, id, ticket)
	return err
}

// Get returns a ticket, and what was done with it, as the daemon tells it.
func (d *Daemon) Get(ctx context.Context, id string) (json.RawMessage, error) {
	body, err := d.request(ctx, http.MethodGet, id, nil)
	if err == nil && !json.Valid(body) {
		return nil, refusal(http.StatusOK, "{'explanation': 'Invalid JSON'}")
	}
	return body, err
}

// Extend makes a ticket valid for so many seconds from now.
func (d *Daemon) Extend(ctx context.Context, id string, seconds uint64) error {
	_, err := d.request(ctx, http.MethodPatch, id, fmt.Appendf(nil, `{"timeout": %d}`, seconds))
	return err
}

// Remove ends a ticket and the transfers that use it.
func (d *Daemon) Remove(ctx context.Context, id string) error {
	_, err := d.request(ctx, http.MethodDelete, id, nil)
	return err
}

func (d *Daemon) request(ctx context.Context, method, id string, body []byte) ([]byte, error) {
	if !domain.IsID(id) { // it becomes part of a path
		return nil, api.ErrInvalidParameterException.OfText("uuid=" + id)
	}
	if _, err := os.Stat(d.socket); errors.Is(err, fs.ErrNotExist) {
		return nil, api.ErrImageDaemonUnsupported.Of().Caused(err)
	}
	to := url.URL{Scheme: "http", Host: "localhost", Path: "/tickets/" + id}
	r, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := d.client.Do(r)
	if err != nil {
		return nil, api.ErrImageTickets.OfText(
			"reason=Error communicating with ovirt-imageio-daemon: " + errors.Unwrap(err).Error()).Caused(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer+1))
	switch {
	case err != nil:
		return nil, refusal(answer.StatusCode, api.Repr(api.PyDict{
			{Key: "explanation", Value: "Error reading response"}, {Key: "detail", Value: err.Error()},
		})).Caused(err)
	case len(content) > mostAnswer:
		return nil, refusal(answer.StatusCode, "the answer is too long")
	case answer.StatusCode >= http.StatusMultipleChoices:
		return nil, refusal(answer.StatusCode, string(content))
	}
	return content, nil
}

func refusal(status int, text string) *api.Error {
	return api.ErrImageDaemon.OfText(fmt.Sprintf("status=%d, reason=%s, error=%s", status, http.StatusText(status), text))
}
