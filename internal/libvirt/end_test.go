// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"sync"
	"testing"
)

// Calls that come while the client ends are answered or refused, and waited
// for. The race detector sees it where they are not counted in time.
func TestCallsWhileItEnds(t *testing.T) {
	t.Parallel()
	for range 30 {
		c := New(loop, Options{URI: "test:///default", Handler: func(Event) {}})
		ctx, end := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- c.Run(ctx) }()
		if err := c.WaitConnected(t.Context()); err != nil {
			t.Fatal(err)
		}
		var callers sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				for {
					if _, err := c.State(context.Background(), testDomain); err != nil {
						return
					}
				}
			})
		}
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
		callers.Wait()
	}
}
