// SPDX-License-Identifier: GPL-2.0-or-later

package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
)

// TestAnswersSurvive decodes answers that were recorded from the original into
// the types of results and writes them again: nothing may be lost, added or
// change its type.
func TestAnswersSurvive(t *testing.T) {
	text, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded map[string]json.RawMessage
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	for _, d := range api.Verbs() {
		answer, ok := recorded[d.Name]
		if !ok {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			result := reflect.New(d.Result)
			if d.Result == reflect.TypeFor[[]api.VmStats]() { // a union keeps what it is given
				result = reflect.New(reflect.TypeFor[[]api.RunningVmStats]())
			}
			decoder := json.NewDecoder(bytes.NewReader(answer))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(result.Interface()); err != nil {
				t.Fatalf("%v, in %.300s", err, answer)
			}
			again, err := json.Marshal(result.Interface())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(generic(t, answer), generic(t, again)); diff != "" {
				t.Errorf("%s (-recorded +ours):\n%s", d.Result, diff)
			}
		})
	}
}

func generic(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
