// SPDX-License-Identifier: GPL-2.0-or-later
//
// Prints the sizes and offsets of sanlock's structures from its public header.
// layout.txt is the output on x86-64 with sanlock 3.8.5:
//
//	cc -o layout layout.c && ./layout > layout.txt
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sanlock.h>

#define SIZE(s) printf("%s %zu\n", #s, sizeof(struct s))
#define AT(s, f) printf("%s.%s %zu\n", #s, #f, offsetof(struct s, f))

int main(void)
{
	SIZE(sanlk_disk);
	AT(sanlk_disk, offset);
	SIZE(sanlk_resource);
	AT(sanlk_resource, name);
	AT(sanlk_resource, lver);
	AT(sanlk_resource, data64);
	AT(sanlk_resource, data32);
	AT(sanlk_resource, flags);
	AT(sanlk_resource, num_disks);
	SIZE(sanlk_options);
	SIZE(sanlk_lockspace);
	AT(sanlk_lockspace, host_id);
	AT(sanlk_lockspace, flags);
	AT(sanlk_lockspace, host_id_disk);
	SIZE(sanlk_host);
	AT(sanlk_host, generation);
	AT(sanlk_host, timestamp);
	AT(sanlk_host, io_timeout);
	AT(sanlk_host, flags);
	SIZE(sanlk_host_event);
	AT(sanlk_host_event, generation);
	AT(sanlk_host_event, event);
	AT(sanlk_host_event, data);
	return 0;
}
