// A control plane for one client: tells grpc-js-xds of the canary that MeshSdk is given as manifests. Says its port, and lives as long as its standard input.
//
//   node control-plane.js V1PORT,V1PORT,… V2PORT,…
'use strict';

const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');

const deps = path.join(path.dirname(require.resolve('@grpc/grpc-js-xds/package.json')), 'deps');
const protos = grpc.loadPackageDefinition(loadSync(
  [
    'envoy/service/discovery/v3/ads.proto',
    'envoy/config/listener/v3/listener.proto',
    'envoy/config/route/v3/route.proto',
    'envoy/config/cluster/v3/cluster.proto',
    'envoy/config/endpoint/v3/endpoint.proto',
    'envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto',
    'envoy/extensions/filters/http/router/v3/router.proto',
  ],
  {
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((name) => path.join(deps, name)),
  },
));

const ports = { v1: process.argv[2].split(','), v2: process.argv[3].split(',') };
const ads = { ads: {}, resource_api_version: 'V3' };
const type = (name) => `type.googleapis.com/envoy.${name}`;

// Three services over the same servers, which are made up from the name that is asked for: canary, ejecting, whose clusters eject endpoints, and single, which
// has one endpoint and no split.
const outliers = {
  interval: { seconds: 1 },
  base_ejection_time: { seconds: 3 },
  max_ejection_percent: { value: 100 },
  enforcing_success_rate: { value: 0 },
  failure_percentage_threshold: { value: 50 },
  enforcing_failure_percentage: { value: 100 },
  failure_percentage_minimum_hosts: { value: 2 },
  failure_percentage_request_volume: { value: 5 },
};

const make = {
  [type('config.listener.v3.Listener')]: (name) => ({
    name,
    api_listener: {
      api_listener: {
        '@type': type('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
        stat_prefix: name,
        rds: { route_config_name: name.split(':')[0], config_source: ads },
        http_filters: [{ name: 'router', typed_config: { '@type': type('extensions.filters.http.router.v3.Router') } }],
      },
    },
  }),
  [type('config.route.v3.RouteConfiguration')]: (name) => ({
    name,
    virtual_hosts: [{
      name,
      domains: ['*'],
      routes: [
        {
          match: { prefix: '', headers: [{ name: 'x-canary', string_match: { exact: 'true' } }] },
          route: { cluster: `${name}-v2` },
        },
        {
          match: { prefix: '' },
          route: {
            weighted_clusters: {
              clusters: name === 'single'
                ? [{ name: `${name}-v1`, weight: { value: 100 } }]
                : [{ name: `${name}-v1`, weight: { value: 90 } }, { name: `${name}-v2`, weight: { value: 10 } }],
            },
          },
        },
      ],
    }],
  }),
  [type('config.cluster.v3.Cluster')]: (name) => ({
    name,
    type: 'EDS',
    eds_cluster_config: { eds_config: ads, service_name: name },
    lb_policy: 'ROUND_ROBIN',
    ...(name.startsWith('ejecting') ? { outlier_detection: outliers } : {}),
  }),
  [type('config.endpoint.v3.ClusterLoadAssignment')]: (name) => ({
    cluster_name: name,
    endpoints: [{
      locality: { region: 'local' },
      load_balancing_weight: { value: 1 },
      lb_endpoints: ports[name.split('-').pop()].slice(0, name.startsWith('single') ? 1 : undefined).map((port) => ({
        endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: Number(port) } } },
        health_status: 'HEALTHY',
        load_balancing_weight: { value: 1 },
      })),
    }],
  }),
};

function stream(call) {
  const sent = new Map();
  call.on('data', ({ type_url, resource_names, response_nonce, error_detail }) => {
    const names = (resource_names || []).slice().sort().join();
    const last = sent.get(type_url);
    if (error_detail) {
      console.error(`refused by the client: ${error_detail.message}`);
    }
    if (!make[type_url] || (last && last.names === names && last.nonce === response_nonce)) {
      return;
    }
    const nonce = String((last ? Number(last.nonce) : 0) + 1);
    sent.set(type_url, { names, nonce });
    const resources = (resource_names || []).map((name) => ({ '@type': type_url, ...make[type_url](name) }));
    call.write({ version_info: nonce, nonce, type_url, resources });
  });
  call.on('error', () => {});
  call.on('end', () => call.end());
}

const server = new grpc.Server();
server.addService(protos.envoy.service.discovery.v3.AggregatedDiscoveryService.service, { StreamAggregatedResources: stream });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    throw error;
  }
  console.log(port);
});
process.stdin.on('end', () => process.exit(0)).resume();
