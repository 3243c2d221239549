using System.Text;
using Noos.Core.Conversations;
using Noos.Testing;

namespace Noos.Core.Tests.Conversations;

public sealed class ConversationJsonTests
{
    [Fact]
    public void Written_conversation_reads_back_equal()
    {
        var line = ConversationJson.Write(SampleConversation.WithEverything);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(SampleConversation.WithEverything, ConversationJson.Read(Encoding.UTF8.GetBytes(line)));
    }

    [Fact]
    public void Plain_messages_have_the_common_short_form()
    {
        var line = ConversationJson.Write(
            Conversation.From(Message.System("Be brief."), Message.User("Grüße?"), Message.Assistant("Hi \"you\".")));
        Assert.Equal(
            """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Grüße?"},"""
            + """{"role":"assistant","content":"Hi \"you\"."}]}""", line);
    }

    [Fact]
    public void Thoughts_origins_and_results_of_several_parts_come_back()
    {
        var conversation = Conversation.From(
            Message.User("?"),
            Message.Assistant(new ThoughtPart("Hm."), new TextPart("Let me see.")),
            Message.Tool(
                new ToolResultPart("fetch", [new TextPart("A page") { Origin = Origin.Web }, new ImagePart("a.png")], CallId: "c1")
                {
                    Origin = Origin.Web,
                }),
            Message.Tool(new ToolResultPart("fetch", [])));

        var line = ConversationJson.Write(conversation);

        Assert.Equal(conversation, ConversationJson.Read(Encoding.UTF8.GetBytes(line)));
        Assert.Contains("\"origin\":\"web\"", line, StringComparison.Ordinal);
        Assert.Contains("{\"type\":\"thought\",\"text\":\"Hm.\"}", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Result_of_one_text_is_written_and_read_as_it_always_was()
    {
        const string Line =
            """{"messages":[{"role":"tool","parts":["""
            + """{"type":"tool_result","name":"calculator","content":"Error: no","is_error":true,"call_id":"c1"},"""
            + """{"type":"tool_result","name":"calculator","content":"5","is_error":false}]}]}""";

        var conversation = ConversationJson.Read(Encoding.UTF8.GetBytes(Line));

        Assert.Equal(new ToolResultPart("calculator", "Error: no", IsError: true, CallId: "c1"), conversation.Messages[0].Parts[0]);
        Assert.Equal(Line, ConversationJson.Write(conversation));
    }

    [Fact]
    public void Type_of_a_part_may_come_last()
    {
        var conversation = ConversationJson.Read("""{"messages":[{"parts":[{"text":"Hi","type":"text"}],"role":"user"}]}"""u8);
        Assert.Equal(Conversation.From(Message.User("Hi")), conversation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"messages":null}""")]
    [InlineData("""{"messages":[null]}""")]
    [InlineData("""{"messages":[{"role":"user"}]}""")]
    [InlineData("""{"messages":[{"content":"a"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"a","parts":[]}]}""")]
    [InlineData("""{"messages":[{"role":"wizard","content":"a"}]}""")]
    [InlineData("""{"messages":[{"role":1,"content":"a"}]}""")]
    [InlineData("""{"messages":[{"role":"user","parts":[null]}]}""")]
    [InlineData("""{"messages":[{"role":"user","parts":[{"text":"a"}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","parts":[{"type":"text"}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","parts":[{"type":"text","text":null}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","parts":[{"type":"dance"}]}]}""")]
    [InlineData("""{"messages":[{"role":"tool","parts":[{"type":"tool_result","name":"t"}]}]}""")]
    [InlineData("""{"messages":[{"role":"tool","parts":[{"type":"tool_result","name":"t","parts":[null]}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","parts":[{"type":"text","text":"a","origin":"moon"}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""")]
    public void Anything_else_is_refused_with_its_place(string json)
    {
        var exception = Assert.Throws<NoosException>(() => ConversationJson.Read(Encoding.UTF8.GetBytes(json), "Line 3 of 'a.jsonl'"));
        Assert.StartsWith("Line 3 of 'a.jsonl' is not a conversation: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Damaged_lines_are_refused_with_a_message_and_nothing_else()
    {
        var original = ConversationJson.WriteUtf8(SampleConversation.WithEverything);
        var random = new Random(2);
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = original.ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(3))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at)); break;
                    default: bytes.Insert(at, (byte)"\"{}[],:0\\"[random.Next(9)]); break;
                }
            }

            try
            {
                ConversationJson.Write(ConversationJson.Read(bytes.ToArray()));
            }
            catch (NoosException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }
    }
}
