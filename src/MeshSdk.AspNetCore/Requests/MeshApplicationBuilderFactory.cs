using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>
/// Puts the mesh before everything that an application does with requests. A startup filter comes after those that were registered before it, such
/// as the one that makes of headers who the caller is and by which scheme it came (<c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>); this is before all
/// of them, and before what a <see cref="WebApplication"/> adds by itself.
/// </summary>
internal sealed class MeshApplicationBuilderFactory(IApplicationBuilderFactory inner, InboundMiddlewareFactory middleware) : IApplicationBuilderFactory
{
    public IApplicationBuilder CreateBuilder(IFeatureCollection serverFeatures) => middleware.AddTo(inner.CreateBuilder(serverFeatures));
}
