using MeshSdk.Testing.Api;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>
/// Writes the EndpointSlices of Services that have a selector, as kube-controller-manager does, but at once: a test waits for each of them.
/// One loop reads all changes that there are, then brings the Services concerned up to date; what comes meanwhile is the next round's.
/// </summary>
internal sealed partial class EndpointSliceController(ILogger<EndpointSliceController> logger) : IController
{
    private const string Group = "discovery.k8s.io";
    private const string Plural = "endpointslices";

    private readonly ILogger _logger = logger;
    private ServiceCache _services = new();
    private SliceCache _slices = new();

    public Task RunAsync(IClusterApi api, CancellationToken ct) => ChangeLoop.RunAsync(
        api,
        () =>
        {
            _services = new();
            _slices = new();
            return new(
                [
                    new("", "nodes", _services.ApplyNode),
                    new("", "pods", _services.ApplyPod),
                    new("", "services", _services.ApplyService),
                    new(Group, Plural, change => _services.Touch(_slices.Apply(change))),
                ],
                () => Reconcile(api, ct));
        },
        ct);

    private void Reconcile(IClusterApi api, CancellationToken ct)
    {
        foreach (var key in _services.TakeDirty())
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                Reconcile(api, key);
            }
            catch (ApiException e)
            {
                // As in a namespace that is about to go. The next change of the Service, its pods or its slices tries again.
                LogRefused(_logger, key.Namespace, key.Name, e.Message);
            }
        }
    }

    private void Reconcile(IClusterApi api, ServiceKey key)
    {
        if (_services.Find(key) is { } members)
        {
            var writes = SliceReconciliation.Plan(members.Service, members.Pods.Values, _services.Zones, _slices.Of(key));
            foreach (var slice in writes.Puts)
            {
                _slices.Put(api.Put(Group, Plural, slice));
            }

            Delete(api, key.Namespace, writes.Deletes);
        }
        else if (api.Get("", "services", key.Namespace, key.Name) is null)
        {
            Delete(api, key.Namespace, [.. _slices.Of(key).Where(slice => slice.IsOurs).Select(slice => slice.Name)]);
        }
    }

    private void Delete(IClusterApi api, string ns, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            api.Delete(Group, Plural, ns, name);
            _slices.Delete(ns, name);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The EndpointSlices of Service {Namespace}/{Service} were not written: {Reason}")]
    private static partial void LogRefused(ILogger logger, string @namespace, string service, string reason);
}
