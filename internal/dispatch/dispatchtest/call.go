// SPDX-License-Identifier: GPL-2.0-or-later

// Package dispatchtest calls verbs of a pillar as a client would, for tests.
package dispatchtest

import (
	"encoding/json"
	"testing"

	"govdsm/internal/dispatch"
)

// Binder is a pillar.
type Binder interface{ Bind(*dispatch.Table) }

// Call carries a verb out with the JSON of its arguments and returns the
// result's. A verb that the pillar does not have fails the test.
func Call(t testing.TB, pillar Binder, verb, params string) (string, error) {
	t.Helper()
	table := dispatch.NewTable(dispatch.Checker{})
	pillar.Bind(table)
	handler, err := table.Lookup(verb)
	if err != nil {
		t.Fatal(err)
	}
	result, err := table.Call(t.Context(), handler, json.RawMessage(params))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), nil
}
