using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>How many characters of the service and of the method a match of a GRPCRoute states.</summary>
internal readonly record struct GrpcSpecificity(int Service, int Method)
{
    public static GrpcSpecificity Of(GrpcRouteMatch? match) => new((match?.Method?.Service ?? "").Length, (match?.Method?.Method ?? "").Length);
}
