// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/dispatch"
)

func TestCall(t *testing.T) {
	table := dispatch.NewTable(dispatch.Checker{})
	var got api.VMShutdownParams
	dispatch.Bind(table, api.VMShutdown, func(_ context.Context, p *api.VMShutdownParams) (api.Nothing, error) {
		got = *p
		return api.Nothing{}, nil
	})
	h, err := table.Lookup("VM.shutdown")
	if err != nil {
		t.Fatal(err)
	}
	result, err := table.Call(t.Context(), h, json.RawMessage(`{"vmID": "a", "delay": 5, "reboot": true}`))
	if err != nil {
		t.Fatal(err)
	}
	if got.VMID != "a" || got.Delay == nil || *got.Delay != 5 || got.Message != nil || !got.Reboot {
		t.Errorf("the handler got %+v", got)
	}
	if b, err := json.Marshal(result); err != nil || string(b) != "true" {
		t.Errorf("the result is %s, %v; want true", b, err)
	}
}

func TestCallsDoNotShareParameters(t *testing.T) {
	table := dispatch.NewTable(dispatch.Checker{})
	dispatch.Bind(table, api.HostGetVMList, func(_ context.Context, p *api.HostGetVMListParams) ([]api.VmInfo, error) {
		if len(p.VMList) != 0 {
			t.Errorf("a call without vmList got %v", p.VMList)
		}
		p.VMList = append(p.VMList, "mine")
		return nil, nil
	})
	h, err := table.Lookup("Host.getVMList")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := table.Call(t.Context(), h, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStrictAndLenient(t *testing.T) {
	for _, test := range []struct {
		name, params            string
		strict, lenient, faults string
	}{
		{"good", `{"message": "hi"}`, "", "", ""},
		{"can be understood", `{"message": 5}`,
			"Invalid method parameter(s): {'reason': 'message is not text but a number'}", "", "message is not text but a number"},
		{"unknown", `{"message": "hi", "x": 1}`,
			"Invalid method parameter(s): {'reason': 'unknown parameter x'}", "", "unknown parameter x"},
		{"two faults", `{"message": 5, "x": 1}`,
			"Invalid method parameter(s): {'reason': 'unknown parameter x'}", "", "unknown parameter x; message is not text but a number"},
		{"missing", `{}`,
			"Invalid method parameter(s): {'reason': 'required parameter message is missing'}",
			"Invalid method parameter(s): {'reason': 'required parameter message is missing'}", ""},
		{"hopeless", `{"message": []}`,
			"Invalid method parameter(s): {'reason': 'message must be text, not an array'}",
			"Invalid method parameter(s): {'reason': 'message must be text, not an array'}", ""},
	} {
		for _, strict := range []bool{true, false} {
			var faults []string
			table := dispatch.NewTable(dispatch.Checker{Strict: strict, Fault: func(_ context.Context, verb, fault string) {
				if verb != "Host.echo" {
					t.Errorf("fault of %s", verb)
				}
				faults = append(faults, fault)
			}})
			called := false
			dispatch.Bind(table, api.HostEcho, func(_ context.Context, p *api.HostEchoParams) (string, error) {
				called = true
				return p.Message, nil
			})
			h, err := table.Lookup("Host.echo")
			if err != nil {
				t.Fatal(err)
			}
			_, err = table.Call(t.Context(), h, json.RawMessage(test.params))
			want, wantFaults := test.lenient, test.faults
			if strict {
				want, wantFaults = test.strict, ""
			}
			if text(err) != want {
				t.Errorf("%s, strict %v: error %q, want %q", test.name, strict, text(err), want)
			}
			if err != nil && !errors.Is(err, api.ErrJsonRpcInvalidParams) {
				t.Errorf("%s, strict %v: the code is not -32602: %v", test.name, strict, err)
			}
			if called != (want == "") {
				t.Errorf("%s, strict %v: called: %v", test.name, strict, called)
			}
			if got := strings.Join(faults, "; "); got != wantFaults {
				t.Errorf("%s, strict %v: faults %q, want %q", test.name, strict, got, wantFaults)
			}
		}
	}
}

func TestErrorsOfHandlersPass(t *testing.T) {
	table := dispatch.NewTable(dispatch.Checker{})
	dispatch.Bind(table, api.VMPause, func(_ context.Context, p *api.VMPauseParams) (api.VMListResult, error) {
		return api.VMListResult{}, api.ErrNoSuchVM.With("vmId", p.VMID)
	})
	h, err := table.Lookup("VM.pause")
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Call(t.Context(), h, json.RawMessage(`["a"]`))
	if text(err) != "Virtual machine does not exist: {'vmId': 'a'}" || !errors.Is(err, api.ErrNoSuchVM) {
		t.Errorf("error %v", err)
	}
}

func TestLookup(t *testing.T) {
	table := dispatch.NewTable(dispatch.Checker{})
	dispatch.Bind(table, api.HostPing2, func(context.Context, *api.NoParams) (api.Nothing, error) {
		return api.Nothing{}, nil
	}, dispatch.Inline())
	for _, test := range []struct {
		verb        string
		code        *api.Code
		text        string
		implemented bool
	}{
		{"Host.ping2", nil, "", true},
		{"Host.echo", api.ErrMethodNotImplemented, "Not implemented", false},
		{"Host.fly", api.ErrJsonRpcMethodNotFound, "The method does not exist or is not available: {'method': 'Host.fly'}", false},
		{"ping", api.ErrJsonRpcMethodNotFound, "The method does not exist or is not available: {'method': 'ping'}", false},
		{"", api.ErrJsonRpcMethodNotFound, "The method does not exist or is not available: {'method': ''}", false},
	} {
		h, err := table.Lookup(test.verb)
		if test.code == nil {
			if err != nil || !h.Inline() {
				t.Errorf("%s: %+v, %v", test.verb, h, err)
			}
		} else if !errors.Is(err, test.code) || err.Error() != test.text {
			t.Errorf("%s: error %v, want %s", test.verb, err, test.text)
		}
		if got := table.Implemented(test.verb); got != test.implemented {
			t.Errorf("%s: implemented: %v", test.verb, got)
		}
	}
}

func TestBindTwice(t *testing.T) {
	table := dispatch.NewTable(dispatch.Checker{})
	ping := func(context.Context, *api.NoParams) (api.Nothing, error) { return api.Nothing{}, nil }
	dispatch.Bind(table, api.HostPing, ping)
	defer func() {
		if r := recover(); r != "dispatch: Host.ping is bound twice" {
			t.Errorf("recovered %v", r)
		}
	}()
	dispatch.Bind(table, api.HostPing, ping)
}

func TestOriginTravels(t *testing.T) {
	if o := dispatch.OriginOf(t.Context()); o != (dispatch.Origin{}) {
		t.Errorf("a bare context has origin %+v", o)
	}
	want := dispatch.Origin{Verb: "VM.create", FlowID: "f", Peer: netip.MustParseAddrPort("[::1]:5")}
	ctx, cancel := context.WithCancel(dispatch.WithOrigin(t.Context(), want))
	defer cancel()
	if o := dispatch.OriginOf(ctx); o != want {
		t.Errorf("origin %+v, want %+v", o, want)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func BenchmarkCall(b *testing.B) {
	table := dispatch.NewTable(dispatch.Checker{})
	dispatch.Bind(table, api.HostPing2, func(context.Context, *api.NoParams) (api.Nothing, error) { return api.Nothing{}, nil })
	dispatch.Bind(table, api.VMShutdown, func(context.Context, *api.VMShutdownParams) (api.Nothing, error) { return api.Nothing{}, nil })
	dispatch.Bind(table, api.VMHotplugDisk, func(context.Context, *api.VMHotplugDiskParams) (api.EmptyObject, error) {
		return api.EmptyObject{}, nil
	})
	for _, bench := range []struct{ verb, params string }{
		{"Host.ping2", `{}`},
		{"VM.shutdown", `{"vmID": "11111111-2222-3333-4444-555555555555", "delay": 30, "message": "bye"}`},
		{"VM.hotplugDisk", `{"vmID": "a", "params": {"vmId": "a", "xml": "` + strings.Repeat("<disk/>", 200) + `"}}`},
	} {
		h, err := table.Lookup(bench.verb)
		if err != nil {
			b.Fatal(err)
		}
		params := json.RawMessage(bench.params)
		b.Run(bench.verb, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := table.Call(b.Context(), h, params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
