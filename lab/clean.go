// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"govdsm/lab/internal/wire"
)

// Clean returns a clean place in the host: a network with nothing but lo, and
// a root file system, host name and /run of its own. What the test does to
// those, and what it leaves running there, is gone when the test ends. Block
// devices, modules and iSCSI sessions are the kernel's and remain the host's.
func (h *Host) Clean(t testing.TB) *Place {
	t.Helper()
	ctx, cancel := patience(t)
	defer cancel()
	p, leave, err := h.clean(ctx)
	if err != nil {
		t.Fatalf("host %s: make a clean place: %v", h.Name, err)
	}
	t.Cleanup(func() {
		ctx, cancel := patience(t)
		defer cancel()
		if err := leave(ctx); err != nil && !errors.Is(err, errGone) {
			t.Errorf("host %s: leave the clean place: %v", h.Name, err)
		}
	})
	return p
}

// clean makes a clean place; the caller must leave it.
func (h *Host) clean(ctx context.Context) (p *Place, leave func(context.Context) error, err error) {
	a, err := h.talk()
	if err != nil {
		return nil, nil, err
	}
	h.mu.Lock()
	h.spaces++
	name := fmt.Sprintf("%s-%d", strings.ToLower(h.Name), h.spaces)
	h.mu.Unlock()
	if err := a.ask(ctx, wire.Request{Open: name}, nil); err != nil {
		return nil, nil, err
	}
	leave = func(ctx context.Context) error { return a.ask(ctx, wire.Request{Close: name}, nil) }
	return &Place{host: h, space: name}, leave, nil
}
