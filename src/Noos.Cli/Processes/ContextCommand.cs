using System.CommandLine;
using System.Globalization;
using Noos.Cli.Chat;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Kernel.Memory;

namespace Noos.Cli.Processes;

/// <summary><c>noos context PID</c></summary>
static class ContextCommand
{
    const int UsualWidth = 100;

    public static Command Create(NoosSettings settings)
    {
        var process = CommandOutput.ProcessArgument();
        var pin = PageOption("--pin", "This page stays in the window whatever happens; pinned pages may fill half of it.");
        var unpin = PageOption("--unpin", "The kernel decides about this page again, whether it was pinned or dropped.");
        var drop = PageOption("--drop", "Page this page out; a stub stays where one is needed.");
        var json = CommandOutput.JsonOption("Write the page table as a line of JSON.");
        var command = new CommandWithExamples(
            "context",
            "Show what the model reads of a process: each page with its tokens, in the window or paged out. What is decided about a page "
            + "holds from the next answer on.",
            "noos context 12", "noos context 12 --pin 3", "noos context 12 --drop 7 --json");
        command.Arguments.Add(process);
        command.Options.Add(pin);
        command.Options.Add(unpin);
        command.Options.Add(drop);
        command.Options.Add(json);
        var options = ModelOptions.AddTo(command, settings);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            (int Page, PageMark Mark)[] marks =
            [
                .. (parsed.GetValue(unpin) ?? []).Select(page => (page, PageMark.None)),
                .. (parsed.GetValue(drop) ?? []).Select(page => (page, PageMark.Dropped)),
                .. (parsed.GetValue(pin) ?? []).Select(page => (page, PageMark.Pinned)),
            ];
            if (marks.GroupBy(mark => mark.Page).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw new NoosException($"Page {twice.Key} is named twice; say one thing about it.");
            }

            await using var home = await Homes.OpenWithModelAsync(settings, options, parsed, keepsCache: null, cancellationToken);
            ContextTable? table = null;
            foreach (var (page, mark) in marks)
            {
                table = await home.MarkAsync(parsed.GetValue(process), page, mark, cancellationToken);
            }

            table ??= await home.ContextAsync(parsed.GetValue(process), cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.WriteJson(table, known => known.ContextTable);
            }
            else
            {
                Write(table);
            }

            return 0;
        });
        return command;
    }

    static Option<int[]> PageOption(string name, string what) => new(name)
    {
        Description = what,
        HelpName = "PAGE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    static void Write(ContextTable table)
    {
        if (table.PromptTokens is { } prompt)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{prompt:N0} of {table.WindowTokens:N0} tokens: pages {prompt - table.LayoutTokens:N0}, layout {table.LayoutTokens:N0}; "
                + $"paged out {table.PagedOutTokens:N0}"));
        }

        if (table.Problem is { } problem)
        {
            Console.Out.WriteLine(problem);
        }

        Console.Out.WriteLine("PAGE  TURN  KIND         STATE  TOKENS  SHOWN  MARK     BEGINS WITH");
        foreach (var page in table.Pages)
        {
            var preview = EventText.OneLine(page.Name is null ? page.Preview : $"{page.Name}: {page.Preview}");
            var state = page.State is { } known ? EventText.NameOf(known) : "?";
            var mark = page.Mark == PageMark.None ? "" : EventText.NameOf(page.Mark);
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{page.Page,4}  {page.Turn,4}  {EventText.NameOf(page.Kind),-11}  {state,-5}  {page.Tokens,6}  {page.ShownTokens,5}  "
                + $"{mark,-7}  {preview}");
            Console.Out.WriteLine(line.Length <= UsualWidth ? line.TrimEnd() : $"{line[..(UsualWidth - 3)]}...");
        }
    }
}
