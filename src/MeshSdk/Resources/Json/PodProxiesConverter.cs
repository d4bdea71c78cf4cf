using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources.Json;

/// <summary>
/// Reads the containers of a pod down to which of them belong to a mesh. A container of Istio's that is told not to run the proxy
/// (<c>DISABLE_ENVOY</c>, as in its template <c>grpc-agent</c>) is only the agent.
/// </summary>
internal sealed class PodProxiesConverter : JsonConverter<PodProxies>
{
    private const string IstioContainer = "istio-proxy";
    private const string LinkerdContainer = "linkerd-proxy";
    private const string NoProxy = "DISABLE_ENVOY";

    public override PodProxies Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("a list of containers is expected");
        }

        var proxies = PodProxies.None;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            proxies |= ReadContainer(ref reader);
        }

        return proxies;
    }

    public override void Write(Utf8JsonWriter writer, PodProxies value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        WriteContainer(writer, value.HasFlag(PodProxies.Istio), IstioContainer, isAgent: false);
        WriteContainer(writer, value.HasFlag(PodProxies.IstioAgent), IstioContainer, isAgent: true);
        WriteContainer(writer, value.HasFlag(PodProxies.Linkerd), LinkerdContainer, isAgent: false);
        writer.WriteEndArray();
    }

    private static PodProxies ReadContainer(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return PodProxies.None;
        }

        var (proxy, isAgent) = (PodProxies.None, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isEnvironment) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("env"u8));
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                proxy = reader.ValueTextEquals(IstioContainer) ? PodProxies.Istio
                    : reader.ValueTextEquals(LinkerdContainer) ? PodProxies.Linkerd
                    : PodProxies.None;
            }
            else if (isEnvironment && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    isAgent |= IsNoProxy(ref reader);
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return isAgent && proxy == PodProxies.Istio ? PodProxies.IstioAgent : proxy;
    }

    private static bool IsNoProxy(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var (isMeant, isTrue) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isValue) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("value"u8));
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                isMeant = reader.ValueTextEquals(NoProxy);
            }
            else if (isValue && reader.TokenType == JsonTokenType.String)
            {
                // As Go reads it, which is what the agent is written in.
                isTrue = reader.GetString() is "1" or "t" or "T" or "true" or "TRUE" or "True";
            }
            else
            {
                reader.Skip();
            }
        }

        return isMeant && isTrue;
    }

    private static void WriteContainer(Utf8JsonWriter writer, bool isThere, string name, bool isAgent)
    {
        if (!isThere)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name", name);
        if (isAgent)
        {
            writer.WriteStartArray("env");
            writer.WriteStartObject();
            writer.WriteString("name", NoProxy);
            writer.WriteString("value", "true");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
