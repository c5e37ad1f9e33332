// SPDX-License-Identifier: GPL-2.0-or-later

// Package agent asks the QEMU guest agent of a VM what the host cannot see:
// the guest's name, system, users, addresses and file systems.
//
// What an agent says is what a guest says, and a guest may be hostile: replies
// are limited in size and depth, lists and texts in length, and texts hold
// nothing that a manager could not store. A reply that is not understood
// changes nothing.
package agent

import (
	"context"
	"errors"
	"time"
)

// Caller sends a command without arguments, by its name, and returns the
// agent's reply. The error wraps ErrRefused when the agent is there and did
// not do it.
type Caller func(ctx context.Context, command string) (reply string, err error)

// ErrRefused says that an agent answers and that this command led nowhere.
var ErrRefused = errors.New("the guest agent did not answer the question")

// Periods say how often is asked for what.
type Periods struct {
	Capabilities time.Duration // version and commands of the agent
	System       time.Duration // system, name, time zone, addresses, devices
	Users        time.Duration
	CPUs         time.Duration
	FileSystems  time.Duration

	// Eager is how long after its start a guest is asked at each poll whether
	// it is up and has an address.
	Eager time.Duration
	// Rest is how long an agent that failed is left alone.
	Rest time.Duration
}

// question is one thing to ask.
type question struct {
	command string
	period  func(Periods) time.Duration
	read    func(*Facts, string) error
}

// info is the question whose answer tells which others there are.
var info = question{"guest-info", func(p Periods) time.Duration { return p.Capabilities }, (*Facts).readInfo}

// questions are asked in this order (lib/vdsm/virt/qemuguestagent.py).
var questions = []question{
	{"guest-get-host-name", system, (*Facts).readHostName},
	{"guest-get-osinfo", system, (*Facts).readSystem},
	{"guest-get-timezone", system, (*Facts).readTimezone},
	{"guest-network-get-interfaces", system, (*Facts).readInterfaces},
	{"guest-get-users", func(p Periods) time.Duration { return p.Users }, (*Facts).readUsers},
	{"guest-get-vcpus", func(p Periods) time.Duration { return p.CPUs }, (*Facts).readCPUs},
	{"guest-get-fsinfo", func(p Periods) time.Duration { return p.FileSystems }, (*Facts).readFileSystems},
	{"guest-get-devices", system, (*Facts).readDevices},
}

func system(p Periods) time.Duration { return p.System }

// Agent is what is known of one agent. It is for one goroutine at a time.
type Agent struct {
	periods Periods
	facts   Facts
	asked   map[string]time.Time // when a command was last answered, or refused
	failed  time.Time            // zero unless the last poll failed
}

// New returns an agent that has said nothing yet.
func New(p Periods) *Agent {
	return &Agent{periods: p, facts: Facts{CPUs: -1}, asked: make(map[string]time.Time)}
}

// Forgive forgets that the agent failed: it has just come back.
func (a *Agent) Forgive() { a.failed = time.Time{} }

// Facts returns what the guest has told. What the copy refers to does not
// change any more.
func (a *Agent) Facts() Facts { return a.facts }

// Poll asks what it is time to ask of a guest of that age. The error is that of
// an agent that fails; it is then left alone for a while.
func (a *Agent) Poll(ctx context.Context, call Caller, now time.Time, age time.Duration) error {
	young := age < a.periods.Eager
	resting := !a.failed.IsZero() && now.Sub(a.failed) < a.periods.Rest
	if resting && (!young || a.facts.Version != "") {
		return nil
	}
	if a.facts.Version == "" || a.due(info, now) {
		if err := a.ask(ctx, call, info, now); err != nil {
			return err
		}
	}
	for _, q := range questions {
		eager := young && q.command == "guest-network-get-interfaces" && !a.facts.reachable()
		if !a.facts.commands[q.command] || !eager && !a.due(q, now) {
			continue
		}
		if err := a.ask(ctx, call, q, now); err != nil {
			return err
		}
	}
	return nil
}

func (a *Agent) due(q question, now time.Time) bool {
	at, ok := a.asked[q.command]
	return !ok || now.Sub(at) >= q.period(a.periods)
}

// ask asks and keeps the answer. A question that the agent refuses, or answers
// with nonsense, waits for its next time like one that it answered; without an
// answer to the first question there are no others.
func (a *Agent) ask(ctx context.Context, call Caller, q question, now time.Time) error {
	reply, err := call(ctx, q.command)
	if err == nil {
		if err = q.read(&a.facts, reply); err != nil {
			err = errors.Join(ErrRefused, err)
		}
	}
	if err == nil || errors.Is(err, ErrRefused) && a.facts.Version != "" {
		a.asked[q.command], a.failed = now, time.Time{}
		return nil
	}
	a.failed = now
	return err
}
