// SPDX-License-Identifier: GPL-2.0-or-later

package config

import "time"

// RPC is section [rpc]: the workers that execute requests.
type RPC struct {
	WorkerThreads  int           `name:"worker_threads" default:"8" min:"1" use:"yes" doc:"requests that are executed at one time"`
	TasksPerWorker int           `name:"tasks_per_worker" default:"10" min:"1" use:"yes" doc:"requests that may wait, per worker"`
	WorkerTimeout  time.Duration `name:"worker_timeout" default:"60" unit:"s" min:"0" use:"yes" doc:"time after which a call that still runs is reported in the log"`
}

// Addresses is section [addresses]: where the daemon listens and what its queues are called.
type Addresses struct {
	ManagementPort int      `name:"management_port" default:"54321" min:"0" max:"65535" use:"yes" doc:"listening TCP port"`
	ManagementIP   string   `name:"management_ip" default:"::" use:"yes" doc:"listening address; :: takes both families"`
	BrokerAddress  string   `name:"broker_address" default:"127.0.0.1" doc:"external broker host"`
	BrokerPort     int      `name:"broker_port" default:"5445" min:"1" max:"65535" doc:"external broker port"`
	RequestQueues  []string `name:"request_queues" default:"jms.topic.vdsm_requests,jms.topic.vdsm_irs_requests" use:"yes" doc:"destinations treated as RPC requests"`
	EventQueue     string   `name:"event_queue" default:"jms.queue.events" use:"yes" doc:"destination of published events"`
}

// MOM is section [mom]: the memory overcommitment manager.
type MOM struct {
	Conf         string `name:"conf" default:"/etc/vdsm/mom.conf" doc:"MOM configuration file"`
	SocketPath   string `name:"socket_path" default:"/run/vdsm/mom-vdsm.sock" use:"yes" doc:"MOM UNIX socket"`
	TuningPolicy string `name:"tuning_policy" default:"01-parameters" doc:"name of the MOM policy to update"`
}

// Metrics is section [metrics]: metrics pushed to a collector.
type Metrics struct {
	Enabled          bool   `name:"enabled" default:"true" doc:"send metrics"`
	CollectorAddress string `name:"collector_address" default:"localhost" doc:"collector host"`
	CollectorType    string `name:"collector_type" default:"statsd" oneof:"statsd,hawkular" doc:"statsd or hawkular"`
	QueueSize        int    `name:"queue_size" default:"100" min:"0" doc:"kept messages when hawkular is slow"`
}

// Health is section [health]: the self-check of the daemon.
type Health struct {
	MonitorEnable bool          `name:"monitor_enable" default:"true" use:"yes" doc:"run the health monitor"`
	CheckInterval time.Duration `name:"check_interval" default:"300" unit:"s" min:"1" use:"yes" doc:"time between self-checks"`
}
