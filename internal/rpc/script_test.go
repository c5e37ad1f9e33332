// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"govdsm/api"
	"govdsm/internal/dispatch"
)

// script makes verbs answer what was recorded of them.
type script struct {
	mu      sync.Mutex
	answers map[string]answer // by verb
}

type answer struct {
	Result json.RawMessage
	Error  *struct {
		Code    int
		Message string
	}
}

// expect takes the recorded answers to the calls of a step.
func (s *script) expect(st step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers = make(map[string]answer)
	}
	for _, data := range st.send {
		for _, f := range splitFrames(data) {
			var call struct{ Method string }
			if json.Unmarshal([]byte(f.body), &call) != nil || call.Method == "" {
				continue
			}
			for _, w := range st.want {
				for _, reply := range splitFrames(w.Data) {
					var a answer
					if json.Unmarshal([]byte(reply.body), &a) == nil && (a.Result != nil || a.Error != nil) {
						s.answers[call.Method] = a
					}
				}
			}
		}
	}
}

func (s *script) answer(verb string) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[verb]
}

// recorded binds a verb to its recorded answers, through the declared types.
func recorded[P, R any](s *script, t *dispatch.Table, v api.Verb[P, R]) {
	dispatch.Bind(t, v, func(context.Context, *P) (result R, err error) {
		a := s.answer(v.Name)
		if a.Error != nil {
			codes := api.Codes()
			i := slices.IndexFunc(codes, func(c *api.Code) bool { return c.Number == a.Error.Code })
			if i < 0 {
				return result, api.ErrUnexpected
			}
			return result, codes[i].Says(a.Error.Message)
		}
		if a.Result != nil {
			err = json.Unmarshal(a.Result, &result)
		}
		return result, err
	})
}

// bind binds the verbs that captures call and that cannot answer alone.
func (s *script) bind(t *dispatch.Table) {
	recorded(s, t, api.HostGetVMList)
	recorded(s, t, api.HostGetVMFullList)
	recorded(s, t, api.HostGetAllVMStats)
	recorded(s, t, api.HostDumpxmls)
	recorded(s, t, api.VMCreate)
	recorded(s, t, api.VMGetInfo)
	recorded(s, t, api.VMPause)
	recorded(s, t, api.VMCont)
	recorded(s, t, api.VMShutdown)
	recorded(s, t, api.VMDestroy)
	recorded(s, t, api.VMSetBalloonTarget)
	dispatch.Bind(t, api.VMGetStats, func(_ context.Context, p *api.VMGetStatsParams) (stats []api.VmStats, err error) {
		a := s.answer(api.VMGetStats.Name)
		if a.Error != nil || a.Result == nil {
			return nil, api.ErrNoSuchVM.With("vmId", string(p.VMID))
		}
		err = json.Unmarshal(a.Result, &stats)
		return stats, err
	})
}
