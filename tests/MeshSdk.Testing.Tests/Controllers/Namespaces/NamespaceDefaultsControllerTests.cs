using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.Namespaces;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Testing.Tests.Controllers.Namespaces;

public sealed class NamespaceDefaultsControllerTests
{
    [Fact]
    public async Task Each_namespace_has_the_default_account_and_the_certificate_of_the_day()
    {
        var certificate = "first";
        var api = new FakeClusterApi();
        api.Put("", "namespaces", Manifest.Of("Namespace", "", "shop"));
        var controller = new NamespaceDefaultsController(() => certificate, NullLogger<NamespaceDefaultsController>.Instance);
        using var stop = new CancellationTokenSource();
        var running = controller.RunAsync(api, stop.Token);

        await api.UntilAsync(_ => Account("shop") && Certificate("shop") == "first");
        api.Put("", "namespaces", Manifest.Of("Namespace", "", "later"));
        await api.UntilAsync(_ => Account("later") && Certificate("later") == "first");

        api.Delete("", "serviceaccounts", "shop", "default");
        await api.UntilAsync(_ => Account("shop"));
        api.Delete("", "configmaps", "shop", "kube-root-ca.crt");
        await api.UntilAsync(_ => Certificate("shop") == "first");

        certificate = "second";
        controller.Refresh();
        await api.UntilAsync(_ => Certificate("shop") == "second" && Certificate("later") == "second");

        await stop.CancelAsync();
        await running;

        bool Account(string ns) => api.Get("", "serviceaccounts", ns, "default") is not null;
        string? Certificate(string ns) => api.Get("", "configmaps", ns, "kube-root-ca.crt").TextAt("data", "ca.crt");
    }
}
