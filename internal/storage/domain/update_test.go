// SPDX-License-Identifier: GPL-2.0-or-later

package domain_test

import (
	"fmt"
	"sync"
	"testing"

	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
)

// Changes of a domain are made one at a time, also by who holds it from before
// it was opened anew.
func TestUpdatesOfADomainThatWasOpenedTwice(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	first, err := f.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	f.ForgetAll()
	second, err := f.Domain(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	const each = 10
	var all sync.WaitGroup
	for who, d := range []*domain.Domain{first, second} {
		all.Go(func() {
			for n := range each {
				err := d.Update(t.Context(), func(m *domainmd.Metadata) error {
					m.Set(fmt.Sprintf("TEST_%d_%d", who, n), "x")
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	m, err := second.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for who := range 2 {
		for n := range each {
			if _, ok := m.Get(fmt.Sprintf("TEST_%d_%d", who, n)); !ok {
				t.Errorf("change %d of %d is lost", n, who)
			}
		}
	}
}
