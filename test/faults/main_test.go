// SPDX-License-Identifier: GPL-2.0-or-later

// Package faults checks what a host does with bad input and broken parts: it
// answers with the documented error or closes the connection, leaks nothing,
// and serves the next client.
package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/client"
	"govdsm/test/hosttest"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(silentAddress); address != "" {
		if err := beSilentClients(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(hosttest.Main(m))
}

// callLimit is how long a call with bad arguments may take: far less than a
// client's patience, far more than a refusal takes.
const callLimit = 60 * time.Second

// mustServe checks that a new client is served.
func mustServe(t *testing.T, h *hosttest.Host) {
	t.Helper()
	c := h.Dial(t)
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), hosttest.Patience)
	defer cancel()
	if _, err := c.Request(ctx, "Host.ping2", map[string]any{}); err != nil {
		t.Errorf("the next client: %v", err)
	}
}

// request calls a verb and returns the code it was refused with, 0 for none.
// Anything but an answer is an error.
func request(t *testing.T, c *client.Host, verb string, params any) (code int, text string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callLimit)
	defer cancel()
	_, err = c.Request(ctx, verb, params)
	var refused *api.Error
	if errors.As(err, &refused) {
		return refused.Number, refused.Error(), nil
	}
	return 0, "", err
}
