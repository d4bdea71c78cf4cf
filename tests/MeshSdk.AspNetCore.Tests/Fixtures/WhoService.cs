using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>A gRPC service that says who calls.</summary>
[BindServiceMethod(typeof(WhoService), nameof(Bind))]
internal class WhoService
{
    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    public static Method<string, string> Method { get; } = new(MethodType.Unary, "test.Who", nameof(Ask), Text, Text);

    public static void Bind(ServiceBinderBase binder, WhoService? service) =>
        binder.AddMethod(Method, service is null ? null : new UnaryServerMethod<string, string>(service.Ask));

    public virtual Task<string> Ask(string question, ServerCallContext context) =>
        Task.FromResult(context.GetHttpContext().GetMeshPeer()?.Id.ToString() ?? "nobody");
}

/// <summary>The same, for some.</summary>
[Authorize(Policy = "web")]
internal sealed class GuardedWhoService : WhoService;
