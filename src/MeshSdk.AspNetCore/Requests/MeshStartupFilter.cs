using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>
/// Sees to it that the mesh is there also where somebody has put another factory of applications in the place of <see
/// cref="MeshApplicationBuilderFactory"/>: not before everything then, but never left out.
/// </summary>
internal sealed class MeshStartupFilter(InboundMiddlewareFactory middleware) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => next(middleware.AddTo(app));
}
