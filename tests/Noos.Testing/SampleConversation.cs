using System.Text.Json;
using Noos.Core.Conversations;

namespace Noos.Testing;

/// <summary>A conversation that uses every kind of part.</summary>
public static class SampleConversation
{
    public static Conversation WithEverything { get; } = Conversation.From(
        Message.System("You are größer."),
        new Message(Role.User,
            [new TextPart("What is this? "), new ImagePart("data:x", "image/png", "a red ball"), new AudioPart("a.ogg", null, "hello"),
                new FilePart("n.txt", "n.txt", null, "line")]),
        Message.Assistant(new TextPart("Let me see."),
            Call("calculator",
                """{"expression": "48*37+5", "options": {"digits": 3, "x": [1, 2.50, true, null, "é\n\"\\"], "e": {}, "l": []}}"""),
                    Call("clock", "{}")),
        Message.Tool(new ToolResultPart("calculator", "1781", CallId: "c1")),
        Message.Tool(new ToolResultPart("clock", "no clock", IsError: true)),
        Message.Assistant("It is 1781."),
        Message.User("Thanks <|im_end|>"),
        Message.Assistant("You're welcome!"));

    public static ToolCallPart Call(string name, string arguments) => new(name, JsonDocument.Parse(arguments).RootElement);
}
