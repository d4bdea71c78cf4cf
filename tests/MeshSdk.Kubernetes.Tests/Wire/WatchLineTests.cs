using System.Text;
using CsCheck;
using MeshSdk.Kubernetes.Wire;

namespace MeshSdk.Kubernetes.Tests.Wire;

public sealed class WatchLineTests
{
    [Theory]
    [InlineData("ADDED", nameof(WatchEventType.Added))]
    [InlineData("MODIFIED", nameof(WatchEventType.Modified))]
    [InlineData("DELETED", nameof(WatchEventType.Deleted))]
    [InlineData("BOOKMARK", nameof(WatchEventType.Bookmark))]
    [InlineData("ERROR", nameof(WatchEventType.Error))]
    [InlineData("added", nameof(WatchEventType.Unknown))]
    public void Events_are_told_apart(string text, string expected)
    {
        foreach (var line in new[] { $$"""{"type":"{{text}}","object":{"a":[{}]} }""", $$"""{ "x":{"type":1}, "object" : {"a":[{}]}, "type":"{{text}}" }""" })
        {
            Assert.True(WatchLine.TryRead(Encoding.UTF8.GetBytes(line), out var found));
            Assert.Equal(expected, found.Type.ToString());
            Assert.Equal("""{"a":[{}]}""", Encoding.UTF8.GetString(found.Object));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"object":{}}""")]
    [InlineData("""{"type":"ADDED","object":[]}""")]
    [InlineData("""{"type":"ADDED","object":{}""")]
    [InlineData("""{"type":"ADDED","object":{}}{"type":"ADDED","object":{}}""")]
    [InlineData("""{"type":7,"object":{}}""")]
    public void What_is_no_event_is_not_taken_for_one(string line) => Assert.False(WatchLine.TryRead(Encoding.UTF8.GetBytes(line), out _));

    /// <summary>No text brings the reader down, and no cut event passes for a whole one.</summary>
    [Fact]
    public void Cut_events_are_never_events() => Gen.Int[0, 70].Sample(length =>
    {
        var whole = Encoding.UTF8.GetBytes("""{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"7"}}}""");
        Assert.False(WatchLine.TryRead(whole.AsSpan(0, length), out _));
    });

    [Fact]
    public void Any_bytes_may_come() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        WatchLine.TryRead(bytes, out _);
        ApiStatus.TryRead(bytes);
    });

    [Fact]
    public void The_head_of_an_object_is_found_wherever_it_stands()
    {
        var head = ObjectHead.Read("""
            {"spec":{"metadata":{"name":"no"}},"metadata":{"labels":{"name":"no"},"name":"n\u0041","namespace":"ns","annotations":{"a":"b",
            "k8s.io/initial-events-end":"true"},"managedFields":[{"name":"no"}],"resourceVersion":"12"},"kind":"X"}
            """u8);

        Assert.Equal(new ObjectHead("ns", "nA", "12", EndsInitialEvents: true), head);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":7,"namespace":{},"resourceVersion":null,"annotations":[]}}""")]
    [InlineData("""{"metadata":null}""")]
    [InlineData("""{"metadata":{"name":"\ud800","annotations":{"k8s.io/initial-events-end":true}}}""")]
    [InlineData("[]")]
    public void A_head_that_makes_no_sense_is_an_empty_one(string json) =>
        Assert.Equal(new ObjectHead("", "", "", false), ObjectHead.Read(Encoding.UTF8.GetBytes(json)));
}
