// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"govdsm/internal/dispatch"
	"govdsm/internal/storage/outofprocess"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	os.Exit(m.Run())
}

// TestVerbsAsRecorded sends what managers send: the kind as a number, and
// members that the schema does not know.
func TestVerbsAsRecorded(t *testing.T) {
	s := New(Options{Repository: t.TempDir()})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- s.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}()
	table := dispatch.NewTable(dispatch.Checker{})
	s.Bind(table)
	const id = "13302f59-4177-4a81-8e58-2e9f4ddfcee4"
	for _, verb := range []string{"connect", "connect", "disconnect", "disconnect"} {
		params := fmt.Sprintf(`{"storagepoolID": "00000000-0000-0000-0000-000000000000", "domainType": 4,
			"connectionParams": [{"id": %q, "connection": %q, "iqn": "", "port": "", "user": "", "password": ""}]}`, id, t.TempDir())
		handler, err := table.Lookup("StoragePool." + verb + "StorageServer")
		if err != nil {
			t.Fatal(err)
		}
		result, err := table.Call(ctx, handler, json.RawMessage(params))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(result)
		if want := fmt.Sprintf(`[{"id":%q,"status":0}]`, id); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", verb, got, err, want)
		}
	}
}
