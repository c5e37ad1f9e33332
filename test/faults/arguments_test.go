// SPDX-License-Identifier: GPL-2.0-or-later

package faults

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"govdsm/api"
	"govdsm/client"
	"govdsm/test/hosttest"
)

// badArguments are in place of one parameter of a call. Texts stand for
// themselves, the rest is JSON.
func badArguments() map[string]any {
	deep := any("x")
	for range 60 {
		deep = []any{deep}
	}
	return map[string]any{
		"null":           nil,
		"true":           true,
		"zero":           0,
		"negative":       -1,
		"fraction":       0.5,
		"huge number":    json.RawMessage("1e999"),
		"long number":    json.RawMessage("123456789012345678901234567890"),
		"empty text":     "",
		"text":           "rubbish",
		"long text":      strings.Repeat("x", 1<<20),
		"path":           "../../../../../../etc/shadow",
		"shell":          "$(reboot); `reboot` | reboot & 'reboot' \"reboot\"\n",
		"control":        "\x00\x01\x1b[2J\u2028",
		"format":         "%s%n%d{0}{{.}}",
		"markup":         "</domain><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
		"lone surrogate": json.RawMessage(`"\ud800"`),
		"empty list":     []any{},
		"list":           []any{nil, 1, "x", []any{}, map[string]any{}},
		"long list":      slices.Repeat([]any{"00000000-0000-0000-0000-000000000000"}, 10_000),
		"empty object":   map[string]any{},
		"object":         map[string]any{"": nil, "x": map[string]any{"y": []any{}}},
		"deep":           deep,
	}
}

// sample is a value that fits a parameter.
func sample(of reflect.Type) any {
	switch of.Kind() {
	case reflect.Pointer:
		return sample(of.Elem())
	case reflect.String:
		return "00000000-0000-0000-0000-000000000000"
	case reflect.Bool:
		return false
	case reflect.Slice, reflect.Array:
		return []any{}
	case reflect.Struct, reflect.Map, reflect.Interface:
		return map[string]any{}
	default:
		return 1
	}
}

// TestArguments calls every verb with every kind of bad argument.
func TestArguments(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	mustServe(t, h)
	before := h.Usage(t)
	// Several clients, as many as there are workers: refusals are quick, and
	// what is slow does not hold up the rest.
	verbs := make(chan *api.Declaration)
	var callers sync.WaitGroup
	for range 6 {
		c := h.Dial(t)
		callers.Go(func() {
			for d := range verbs {
				badCalls(t, c, d)
			}
		})
	}
	for _, d := range api.Verbs() {
		if !endsTheMachine(d) {
			verbs <- d
		}
	}
	close(verbs)
	callers.Wait()
	if t.Failed() {
		return
	}
	mustServe(t, h)
	h.AwaitUsage(t, hosttest.Usage{Goroutines: before.Goroutines + 6*8, Descriptors: before.Descriptors + 6})
	if log := h.Log(); strings.Contains(log, "panic") || strings.Contains(log, "runtime error") {
		t.Error("a handler panicked")
	}
}

// endsTheMachine reports verbs that must not succeed by chance.
func endsTheMachine(d *api.Declaration) bool {
	return d.Namespace() == "Host" && strings.HasPrefix(d.Method(), "shutdown")
}

func badCalls(t *testing.T, c *client.Host, d *api.Declaration) {
	good := make(map[string]any)
	for i := range d.Params.NumField() {
		field := d.Params.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		good[name] = sample(field.Type)
	}
	if code := answer(t, c, d, "no arguments", map[string]any{}); code == int(api.ErrMethodNotImplemented.Number) {
		return // nobody looks at the arguments
	}
	answer(t, c, d, "a list", []any{})
	answer(t, c, d, "a list that is too long", slices.Repeat([]any{"x"}, 100))
	unknown := maps.Clone(good)
	unknown["noSuchParameter"] = 1
	answer(t, c, d, "an unknown parameter", unknown)
	for name := range good {
		without := maps.Clone(good)
		delete(without, name)
		answer(t, c, d, "no "+name, without)
		for what, value := range badArguments() {
			bad := maps.Clone(good)
			bad[name] = value
			answer(t, c, d, name+": "+what, bad)
		}
	}
}

// answer makes a call and checks that there is a decent answer.
func answer(t *testing.T, c *client.Host, d *api.Declaration, what string, params any) int {
	t.Helper()
	code, text, err := request(t, c, d.Name, params)
	if err != nil {
		t.Errorf("%s with %s: %v", d.Name, what, err)
	}
	// The internal error is what the original answers for parameters that do
	// not fit, with the reason. It must not be ours.
	for _, bug := range []string{"panic", "nil pointer", "out of range [", "goroutine", "reflect:"} {
		if strings.Contains(text, bug) {
			t.Errorf("%s with %s: %.500s", d.Name, what, text)
		}
	}
	if len(text) > 64<<10 {
		t.Errorf("%s with %s: the message has %d bytes: %.200s", d.Name, what, len(text), text)
	}
	return code
}
