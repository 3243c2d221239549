using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Chat;

namespace Noos.Pages.Tests.Chat;

/// <summary>What a piece of an answer costs every tab that shows it.</summary>
public sealed class StreamDrawingTests
{
    static readonly DateTimeOffset s_time = DateTimeOffset.UnixEpoch;

    [Fact]
    public async Task Piece_of_an_answer_draws_its_last_block_and_nothing_of_the_conversation_before_it()
    {
        await using var services = CountingRenderer.Services().BuildServiceProvider();
        await using var tab = new CountingRenderer(services);
        var view = new ConversationView();
        var id = 0L;
        void Happen(JournalEvent happened) => view.Apply(new JournalEntry(++id, 1, s_time, happened));
        for (var turn = 0; turn < 40; turn++)
        {
            Happen(new Said(Message.User($"Question {turn}")));
            Happen(new RunBegan(1));
            var call = ScriptedCall(turn);
            Happen(new RunEnded(Message.Assistant(new TextPart("I look it up."), call), null, 1, [], new ProcessUsage()));
            Happen(new CallBegan(call));
            Happen(new CallEnded(Message.Tool(new ToolResultPart("look", "found", IsError: false, call.CallId)), new ProcessUsage()));
            Happen(new RunBegan(1));
            if (turn < 39)
            {
                Happen(new RunEnded(
                    Message.Assistant(new TextPart("# It\n\nis **so**.\n\n- a\n- b\n")), "stop", 1, [], new ProcessUsage()));
            }
        }

        Happen(new Wrote(string.Concat(Enumerable.Range(0, 60).Select(i => $"Paragraph {i}, with some words.\n\n")), false, []));
        var log = await tab.DrawAsync<ConversationLog>(new()
        {
            ["View"] = view,
            ["Actions"] = new ChatActions(null!, 1, _ => { }, _ => { }),
        });
        tab.Reset();

        const int Pieces = 20;
        for (var piece = 0; piece < Pieces; piece++)
        {
            Happen(new Wrote($"word{piece.ToString(CultureInfo.InvariantCulture)} ", false, []));
            await tab.Dispatcher.InvokeAsync(log.Draw);
        }

        // Of each piece the answer, its text, and in that the last paragraph.
        Assert.Equal(2 * Pieces, tab.Components);
        Assert.InRange(tab.Edits, Pieces, 4 * Pieces);
        Assert.InRange(tab.Characters, Pieces * 5, Pieces * 300);
    }

    [Fact]
    public async Task Of_a_long_conversation_the_last_turns_are_drawn_and_stay_while_it_grows()
    {
        Assert.Equal(await CountAsync(turns: 100, more: 0), await CountAsync(turns: 5000, more: 0));
        Assert.Equal(await CountAsync(turns: 100, more: 3), await CountAsync(turns: 5000, more: 3));

        static async Task<(int First, int Growth)> CountAsync(int turns, int more)
        {
            await using var services = CountingRenderer.Services().BuildServiceProvider();
            await using var tab = new CountingRenderer(services);
            var view = new ConversationView();
            var id = 0L;
            void Happen(JournalEvent happened) => view.Apply(new JournalEntry(++id, 1, s_time, happened));
            void Talk(int count)
            {
                for (var turn = 0; turn < count; turn++)
                {
                    Happen(new Said(Message.User("Question")));
                    Happen(new RunBegan(1));
                    Happen(new RunEnded(Message.Assistant(new TextPart("So it is.")), "stop", 1, [], new ProcessUsage()));
                }
            }

            Talk(turns);
            var log = await tab.DrawAsync<ConversationLog>(new()
            {
                ["View"] = view,
                ["Actions"] = new ChatActions(null!, 1, _ => { }, _ => { }),
            });
            var first = tab.Components;
            tab.Reset();
            Talk(more);
            await tab.Dispatcher.InvokeAsync(log.Draw);
            return (first, tab.Components);
        }
    }

    static ToolCallPart ScriptedCall(int number) =>
        Testing.ScriptedCpu.Call($"c{number.ToString(CultureInfo.InvariantCulture)}", "look", """{"for":"it"}""").Call;
}
