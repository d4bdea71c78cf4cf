using System.Globalization;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// What callers of a route meet where a rule fails, as diagnostics name it: calls that a GRPCRoute directs end with a status of gRPC's, whichever one
/// of HTTP's the mesh has for it.
/// </summary>
internal static class AnswerText
{
    public static string Of(Resource route, int status) => route is GrpcRoute ? "UNAVAILABLE" : status.ToString(CultureInfo.InvariantCulture);
}
