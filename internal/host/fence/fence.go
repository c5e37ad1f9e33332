// SPDX-License-Identifier: GPL-2.0-or-later

// Package fence switches other hosts off and on by their power management,
// through the fence agents of ClusterLabs. An agent is a program that reads
// options as lines of name=value; see the FenceAgentAPI of
// https://github.com/ClusterLabs/fence-agents.
package fence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"govdsm/api"
)

// agentName keeps an agent's name within its folder.
var agentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// Leases tells whether a host is alive by the leases it renews on shared
// storage, which it does even when no manager can reach it.
type Leases interface {
	// AnyLive reports whether the host renews a lease on one of the domains;
	// hosts maps a domain to the host's id there.
	AnyLive(ctx context.Context, hosts api.HostIdMap) (bool, error)
}

// Gluster tells whether switching a host off would harm gluster volumes.
type Gluster interface {
	MayFence(ctx context.Context, policy api.FencingPolicy) (bool, error)
}

// Options configure a Fencer.
type Options struct {
	Folder  string        // of the agents; "" means /usr/sbin
	Timeout time.Duration // until a silent agent is killed; 0 means 5 minutes
	Leases  Leases        // nil: leases are not known
	Gluster Gluster       // nil: there is no gluster part
	Log     *slog.Logger
}

// Fencer runs fence agents.
type Fencer struct{ options Options }

// New returns a Fencer.
func New(o Options) *Fencer {
	if o.Folder == "" {
		o.Folder = "/usr/sbin"
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Minute
	}
	return &Fencer{options: o}
}

// Exit codes of agents for the action status; 1 is failure for any action.
const (
	powerOn  = 0
	failed   = 1
	powerOff = 2
)

// Node carries out one call of Host.fenceNode and returns when the agent has
// ended. Errors: ErrUnsupportedFenceAgent when there is no such agent; code 1
// or 2, as the agent exits, with what the agent printed; code 1 for any other
// exit and for an agent that was killed.
func (f *Fencer) Node(ctx context.Context, p *api.HostFenceNodeParams) (api.FenceNodeResult, error) {
	none := api.FenceNodeResult{}
	if !slices.Contains(p.Action.Values(), string(p.Action)) {
		return none, api.ErrGeneral.Of("illegal action " + string(p.Action))
	}
	if !agentName.MatchString(p.Agent) {
		return none, api.ErrUnsupportedFenceAgent
	}
	input, err := lines(p)
	if err != nil {
		return none, api.ErrGeneral.Of(err.Error())
	}
	log := f.options.Log.With("agent", p.Agent, "address", p.Addr, "action", p.Action)
	if p.Action != api.FenceNodeActionStatus && !f.mayFence(ctx, log, p.Policy) {
		log.InfoContext(ctx, "fencing is skipped by policy")
		return api.FenceNodeResult{OperationStatus: api.FenceNodeOperationStatusResultSkipped}, nil
	}
	out, code, err := f.run(ctx, f.options.Folder+"/fence_"+p.Agent, input)
	out = mask(out, p.Password)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return none, api.ErrUnsupportedFenceAgent
	case err != nil:
		log.ErrorContext(ctx, "fence agent did not end by itself", "error", err, "output", out)
		return none, failure(failed, fmt.Sprintf("%s%v", out, err))
	}
	log.InfoContext(ctx, "fence agent has ended", "code", code, "output", out)
	return answer(p.Action, code, out)
}

// answer makes a result of an agent's exit code.
func answer(action api.FenceNodeAction, code int, out string) (api.FenceNodeResult, error) {
	switch {
	case code < powerOn || code > powerOff:
		return api.FenceNodeResult{}, failure(failed, out)
	case action != api.FenceNodeActionStatus && code == 0:
		return api.FenceNodeResult{
			Power:           api.FenceNodePowerStatusResultUnknown,
			OperationStatus: api.FenceNodeOperationStatusResultInitiated,
		}, nil
	case action == api.FenceNodeActionStatus && code == powerOn:
		return api.FenceNodeResult{Power: api.FenceNodePowerStatusResultOn}, nil
	case action == api.FenceNodeActionStatus && code == powerOff:
		return api.FenceNodeResult{Power: api.FenceNodePowerStatusResultOff}, nil
	default:
		return api.FenceNodeResult{}, failure(code, out)
	}
}

// failure carries an agent's exit code to the client as it is: the numbers
// mean nothing else here than in the API's own list.
func failure(code int, text string) error {
	return &api.Code{Number: code, Name: "FenceAgentFailed", Message: text}
}

// lines composes the agent's input. A line break in a value would smuggle
// further options in and is refused; only options are lines themselves.
func lines(p *api.HostFenceNodeParams) (string, error) {
	var b strings.Builder
	add := func(name, value string) error {
		if strings.ContainsAny(value, "\n\r\x00") {
			return fmt.Errorf("%s has a line break", name)
		}
		fmt.Fprintf(&b, "%s=%s\n", name, value)
		return nil
	}
	err := errors.Join(
		add("agent", "fence_"+p.Agent),
		add("ipaddr", p.Addr),
		add("login", p.Username),
		add("action", string(p.Action)),
		add("passwd", p.Password),
	)
	if p.Port != "" {
		err = errors.Join(err, add("port", string(p.Port)))
	}
	if p.Secure {
		err = errors.Join(err, add("secure", "yes"))
	}
	if strings.ContainsRune(p.Options, 0) {
		err = errors.Join(err, errors.New("options have a zero byte"))
	}
	b.WriteString(p.Options)
	return b.String(), err
}

// mayFence asks who knows whether the host is alive. Whoever cannot be asked
// does not stop fencing: the manager wants the host off.
func (f *Fencer) mayFence(ctx context.Context, log *slog.Logger, p *api.FencingPolicy) bool {
	if p == nil {
		return true
	}
	if len(p.StorageDomainHostIDMap) > 0 {
		live, err := false, errors.New("leases are not known here")
		if f.options.Leases != nil {
			live, err = f.options.Leases.AnyLive(ctx, p.StorageDomainHostIDMap)
		}
		if err != nil {
			log.WarnContext(ctx, "fencing regardless of the host's leases", "error", err)
		} else if live {
			return false
		}
	}
	if p.SkipFencingIfGlusterBricksUp || p.SkipFencingIfGlusterQuorumNotMet {
		may, err := true, errors.New("there is no gluster part")
		if f.options.Gluster != nil {
			may, err = f.options.Gluster.MayFence(ctx, *p)
		}
		if err != nil {
			log.WarnContext(ctx, "fencing regardless of gluster", "error", err)
			return true
		}
		return may
	}
	return true
}

// mask hides the password in what an agent printed. Very short ones would
// take ordinary letters with them and are hardly secrets.
func mask(text, password string) string {
	if len(password) < 4 {
		return text
	}
	return strings.ReplaceAll(text, password, "********")
}
