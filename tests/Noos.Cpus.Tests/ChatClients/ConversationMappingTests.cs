using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core.Conversations;
using Noos.Cpus.ChatClients;

namespace Noos.Cpus.Tests.ChatClients;

public sealed class ConversationMappingTests
{
    static JsonElement Json(string text) => JsonElement.Parse(text);

    [Fact]
    public void Conversation_with_every_part_comes_back_equal()
    {
        var conversation = Conversation.From(
            Message.System("Be kind."),
            new Message(Role.User,
            [
                new TextPart("Look \u00e9\U0001F600"),
                new ImagePart("https://example.org/a.png", "image/png", "a fox"),
                new ImagePart("data:image/png;base64,AAAA", "image/png", "dots"),
                new AudioPart("file:///tmp/b.wav", "audio/wav", "hello"),
                new FilePart("notes/c.txt", "c.txt", "text/plain", "content"),
            ]),
            Message.Assistant(new ThoughtPart("Numbers."), new TextPart("Let me see."),
                new ToolCallPart("calculator", Json("""{"expression":"48*37+5","deep":{"a":[1,null,true]}}"""), "call_7")),
            Message.Tool(new ToolResultPart("calculator", "1781", CallId: "call_7")),
            Message.Tool(new ToolResultPart("fetch", "Error: is how this page begins", CallId: "call_8") { Origin = Origin.Web }),
            Message.Tool(new ToolResultPart("fetch", "no network", IsError: true, CallId: "call_9")),
            Message.Assistant("It is 1781."));

        Assert.Equal(conversation, conversation.ToChatMessages().ToConversation());
    }

    [Fact]
    public void Calls_without_ids_get_ids_that_join_call_and_result()
    {
        var conversation = Conversation.From(
            Message.User("two sums"),
            Message.Assistant(new ToolCallPart("calculator", Json("""{"expression":"1+1"}"""))),
            Message.Tool(new ToolResultPart("calculator", "2")),
            Message.Assistant(new ToolCallPart("calculator", Json("""{"expression":"2+2"}"""))),
            Message.Tool(new ToolResultPart("calculator", "no", IsError: true)));

        var messages = conversation.ToChatMessages();
        var calls = messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.CallId).ToArray();
        var results = messages.SelectMany(message => message.Contents)
            .OfType<FunctionResultContent>()
            .Select(result => result.CallId)
            .ToArray();

        Assert.Equal(2, calls.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(calls, results);
        // A model elsewhere has only the text to know it by.
        Assert.Equal("Error: no", messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Last().Result);
        Assert.True(messages.ToConversation().Messages[^1].Parts.OfType<ToolResultPart>().Single().IsError);
    }

    [Fact]
    public void Result_takes_the_name_of_the_call_that_it_answers()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.Assistant,
                [new FunctionCallContent(
                    "x", "clock", new Dictionary<string, object?>(StringComparer.Ordinal) { ["zone"] = "UTC", ["n"] = 3 })]),
            new(ChatRole.Tool, [new FunctionResultContent("x", Json("\"noon\""))]),
        ];

        var parts = messages.ToConversation().Messages.SelectMany(message => message.Parts).ToArray();

        Assert.Equal(new ToolCallPart("clock", Json("""{"zone":"UTC","n":3}"""), "x"), parts[0]);
        Assert.Equal(new ToolResultPart("clock", "noon", CallId: "x"), parts[1]);
    }

    [Fact]
    public void Contents_that_are_no_part_of_a_conversation_are_left_out()
    {
        ChatMessage[] messages = [new(ChatRole.Assistant, [new UsageContent(new UsageDetails())]), new(ChatRole.User, "hi")];

        Assert.Equal(Conversation.From(Message.User("hi")), messages.ToConversation());
    }

    [Fact]
    public void Function_that_threw_is_an_error_and_text_that_begins_like_one_is_not()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.Tool, [new FunctionResultContent("a", "Error: disk full, says the log.")]),
            new(ChatRole.Tool,
                [new FunctionResultContent("b", "Error: Function failed.") { Exception = new InvalidOperationException("x") }]),
        ];

        Assert.Equal([false, true], messages.ToConversation().Messages.Select(message => ((ToolResultPart)message.Parts.Single()).IsError));
    }
}
