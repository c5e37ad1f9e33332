// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/tc"
)

// control reads the traffic control of the links that shall have shares, or
// that may go. Reading costs a message per link of the host, so it is not done
// for nothing.
func control(ctx context.Context, c Conn, now *snapshot.State, want Want) (map[string]tc.Tree, error) {
	var indexes []int32
	add := func(name string) {
		if l := now.Link(name); l != nil && !slices.Contains(indexes, l.Index) {
			indexes = append(indexes, l.Index)
		}
	}
	for name := range want.Shares {
		add(name)
	}
	for _, i := range want.Interfaces {
		if l := now.Link(i.Name); l != nil && (i.State == nmstate.Absent || l.Kind == snapshot.KindVLAN) {
			add(i.Name)
		}
	}
	if len(indexes) == 0 {
		return nil, nil
	}
	found, err := tc.Read(ctx, c, indexes...)
	if err != nil {
		return nil, fmt.Errorf("read the traffic control: %w", err)
	}
	trees := make(map[string]tc.Tree, len(found))
	for index, t := range found {
		trees[now.NameOf(index)] = t
	}
	return trees, nil
}

// shapes plans the shares of networks, once links are as they shall be, and
// remembers those of links that go.
func (p *planner) shapes() error {
	for _, name := range slices.Sorted(maps.Keys(p.gone)) {
		if t, has := p.control[name]; has {
			p.add(phaseRemember, &shape{Dev: name, Old: t, New: t})
		}
	}
	for _, name := range p.order(slices.Sorted(maps.Keys(p.want.Shares))) {
		shares := p.want.Shares[name]
		there := p.made[name] || p.now.Link(name) != nil && !p.gone[name]
		if !there {
			if len(shares) > 0 {
				return fmt.Errorf("%w: %s", ErrNoLink, name)
			}
			continue
		}
		var now tc.Tree
		if !p.made[name] {
			now = p.control[name]
		}
		want := tc.Shaped(now, shares)
		if len(tc.Change(0, now, want)) > 0 {
			p.add(phaseShapes, &shape{Dev: name, Old: now, New: want})
		}
	}
	return nil
}
