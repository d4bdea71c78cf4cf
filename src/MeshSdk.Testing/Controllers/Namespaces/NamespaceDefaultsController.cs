using System.Text.Json.Nodes;
using System.Threading.Channels;
using MeshSdk.Testing.Api;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing.Controllers.Namespaces;

/// <summary>
/// Keeps in each namespace what pods count on: the ServiceAccount <c>default</c>, and the ConfigMap <c>kube-root-ca.crt</c> with the
/// certificate by which they know the API server.
/// </summary>
/// <param name="certificateAuthority">As PEM; asked for anew whenever it is compared.</param>
internal sealed partial class NamespaceDefaultsController(Func<string> certificateAuthority, ILogger<NamespaceDefaultsController> logger) : IController
{
    private const string Account = "default";
    private const string RootCertificate = "kube-root-ca.crt";
    private const string CertificateKey = "ca.crt";

    private readonly ILogger _logger = logger;
    private readonly Channel<ApiChange> _rotations = Channel.CreateUnbounded<ApiChange>();
    private readonly HashSet<string> _dirty = [];

    /// <summary>Brings the certificate in all namespaces up to date, after it has changed.</summary>
    public void Refresh() => _rotations.Writer.TryWrite(new("MODIFIED", []));

    public Task RunAsync(IClusterApi api, CancellationToken ct) => ChangeLoop.RunAsync(
        api,
        () => new(
            [
                new("", "namespaces", change => _dirty.Add(change.Content.Name())),
                new("", "serviceaccounts", change => Touch(change, Account)),
                new("", "configmaps", change => Touch(change, RootCertificate)),
            ],
            () => Reconcile(api),
            (_rotations.Reader, _ => _dirty.UnionWith(api.List("", "namespaces").Select(ns => ns.Name())))),
        ct);

    private void Touch(ApiChange change, string name)
    {
        if (change.Content.Name() == name)
        {
            _dirty.Add(change.Content.Namespace());
        }
    }

    private void Reconcile(IClusterApi api)
    {
        foreach (var name in _dirty)
        {
            if (api.Get("", "namespaces", null, name) is { } ns && !ns.IsTerminating())
            {
                try
                {
                    Complete(api, name);
                }
                catch (ApiException e)
                {
                    // It has begun to go since.
                    LogRefused(_logger, name, e.Message);
                }
            }
        }

        _dirty.Clear();
    }

    private void Complete(IClusterApi api, string ns)
    {
        if (api.Get("", "serviceaccounts", ns, Account) is null)
        {
            api.Put("", "serviceaccounts", Content("ServiceAccount", ns, Account));
        }

        var certificate = certificateAuthority();
        if (api.Get("", "configmaps", ns, RootCertificate).TextAt("data", CertificateKey) != certificate)
        {
            var map = Content("ConfigMap", ns, RootCertificate);
            map["data"] = new JsonObject { [CertificateKey] = certificate };
            api.Put("", "configmaps", map);
        }
    }

    private static JsonObject Content(string kind, string ns, string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
    };

    [LoggerMessage(1, LogLevel.Debug, "Namespace {Namespace} was not given its defaults: {Reason}")]
    private static partial void LogRefused(ILogger logger, string @namespace, string reason);
}
