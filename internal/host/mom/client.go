// SPDX-License-Identifier: GPL-2.0-or-later

// Package mom talks to MOM, the memory overcommitment manager: a daemon of its
// own that tunes balloons and KSM by a policy it is given. It listens for
// XML-RPC (http://xmlrpc.com/spec.md) on a unix socket.
package mom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"govdsm/api"
)

// ErrUnreachable says that nobody answers on the socket. Hosts may well run
// without MOM.
var ErrUnreachable = errors.New("MOM is not reachable")

const (
	timeout = 2 * time.Second
	// rest is how long calls fail at once after one found nobody.
	rest = 5 * time.Second
	// mostAnswer bounds an answer; MOM's are some kilobytes.
	mostAnswer = 4 << 20
	// parametersPolicy is the name under which parameters are sent: it sorts
	// after MOM's defaults and before the rules that use them.
	parametersPolicy = "01-parameters"
)

// Client calls MOM. Its methods may be called at once.
type Client struct {
	http *http.Client

	mu         sync.Mutex
	restUntil  time.Time
	parameters map[string]any // all that were ever set
}

// NewClient returns a client for the socket at path. It connects when called.
func NewClient(path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	return &Client{
		http:       &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}},
		parameters: make(map[string]any),
	}
}

// Ping reports whether MOM is there and works.
func (c *Client) Ping(ctx context.Context) bool {
	answer, err := c.call(ctx, "ping")
	ok, isBool := answer.(bool)
	return err == nil && (!isBool || ok)
}

// SetPolicy replaces MOM's policy.
func (c *Client) SetPolicy(ctx context.Context, policy string) error {
	_, err := c.call(ctx, "setPolicy", policy)
	return err
}

// SetParameters merges values into those set before and sends them all.
func (c *Client) SetParameters(ctx context.Context, values map[string]any) error {
	for name := range values {
		if name == "" || strings.ContainsAny(name, " \t\r\n()\"'") {
			return fmt.Errorf("%q is not a name of MOM's policy language", name)
		}
	}
	c.mu.Lock()
	maps.Copy(c.parameters, values)
	policy := policyOf(c.parameters)
	c.mu.Unlock()
	_, err := c.call(ctx, "setNamedPolicy", parametersPolicy, policy)
	return err
}

// policyOf writes the values as a policy, "(set name value)" on a line each.
// MOM knows Python's True and False.
func policyOf(values map[string]any) string {
	lines := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		text := api.Repr(value)
		if n, ok := value.(json.Number); ok {
			text = n.String()
		}
		lines = append(lines, "(set "+name+" "+text+")")
	}
	return strings.Join(lines, "\n")
}

// call calls a method with text arguments. The error is ErrUnreachable, a
// *Fault, or says that the answer makes no sense.
func (c *Client) call(ctx context.Context, method string, args ...string) (any, error) {
	if !c.mayCall() {
		return nil, fmt.Errorf("%w: it was not, a moment ago", ErrUnreachable)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body := bytes.NewReader(request(method, args))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://mom/RPC2", body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml")
	resp, err := c.http.Do(req)
	if err != nil {
		c.takeRest()
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		c.takeRest()
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("MOM answered %s", resp.Status)
	}
	return response(answer)
}

func (c *Client) mayCall() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !time.Now().Before(c.restUntil)
}

func (c *Client) takeRest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.restUntil = time.Now().Add(rest)
}
