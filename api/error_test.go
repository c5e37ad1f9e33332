// SPDX-License-Identifier: GPL-2.0-or-later

package api_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"govdsm/api"
)

// The texts were recorded from the original or follow from its classes.
func TestErrorTexts(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"plain", api.ErrVMExists, "Virtual machine already exists"},
		{"context, bare", api.ErrNoSuchVM, "Virtual machine does not exist"},
		{"context", api.ErrNoSuchVM.With("vmId", api.UUID("1-2")), "Virtual machine does not exist: {'vmId': '1-2'}"},
		{"context in order", api.ErrResourceExhausted.With("resource", "jsonrpc", "current_tasks", 80, "reason", "Too many tasks"),
			"Not enough resources: {'resource': 'jsonrpc', 'current_tasks': 80, 'reason': 'Too many tasks'}"},
		{"context with a quote", api.ErrNoSuchVM.With("vmId", "it's"), `Virtual machine does not exist: {'vmId': "it's"}`},
		{"odd number of names and values", api.ErrNoSuchVM.With("vmId", "a", "left"), "Virtual machine does not exist: {'vmId': 'a'}"},
		{"value, bare", api.ErrSpmStatus, "Not SPM: ()"},
		{"value", api.ErrStoragePoolUnknown.Of("a"), "Unknown pool id, pool not connected: ('a',)"},
		{"two values", api.ErrStoragePoolUnknown.Of("a", 1), "Unknown pool id, pool not connected: ('a', 1)"},
		{"no values", api.ErrStoragePoolUnknown.Of(), "Unknown pool id, pool not connected: ()"},
		{"value set by the class", api.ErrNoSuchLease.OfText("lease=a"), "No such lease: 'lease=a'"},
		{"unexpected", api.ErrGeneral.Of("boom"), "General Exception: ('boom',)"},
		{"free text", api.ErrMigration.Because("peer is gone"), "Fatal error during migration: peer is gone"},
		{"text from the place of failure", api.ErrNetBadNic.Says("unknown nic: eth9"), "unknown nic: eth9"},
		{"text of a network error", api.ErrNetBadNic.Because("unknown nic: eth9"), "unknown nic: eth9"},
		{"network error without text", api.ErrNetBadNic, "ERR_BAD_NIC"},
		{"gluster, bare", api.ErrGlusterCmdFailed, "Command failed: rc=0 out=() err=()"},
		{"gluster", api.ErrGlusterCmdFailed.Ran(2, []string{"a"}, []string{"it's", "bad"}), `Command failed: rc=2 out=['a'] err=["it's", 'bad']`},
		{"gluster without output", api.ErrGlusterCmdFailed.Ran(1, nil, []string{}), "Command failed: rc=1 out=() err=[]"},
		{"caused", api.ErrNoSuchVM.With("vmId", "a").Caused(io.EOF), "Virtual machine does not exist: {'vmId': 'a'}"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestErrorsAreFound(t *testing.T) {
	err := fmt.Errorf("pause: %w", api.ErrNoSuchVM.With("vmId", "a").Caused(io.EOF))
	if !errors.Is(err, api.ErrNoSuchVM) || !errors.Is(err, io.EOF) || errors.Is(err, api.ErrVMExists) {
		t.Errorf("%v is the wrong error", err)
	}
	found, ok := errors.AsType[*api.Error](err)
	if !ok || found.Number != 1 {
		t.Errorf("the code of %v is %v", err, found)
	}
	if says := api.ErrNetBadNic.Says("x"); !errors.Is(says, api.ErrNetBadNic) || says.Number != 23 {
		t.Errorf("%v lost its code", says)
	}
}

func TestCodesAreDistinct(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range api.Codes() {
		key := fmt.Sprint(c.Number, c.Name)
		if seen[key] {
			t.Errorf("%d %s is declared twice", c.Number, c.Name)
		}
		seen[key] = true
		if c.Number > 5000 {
			t.Errorf("%d %s: codes above 5000 belong to the manager", c.Number, c.Name)
		}
	}
}
