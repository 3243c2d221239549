using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Pages.Models;
using Noos.Server.Files;

namespace Noos.Pages.Chat;

/// <summary>
/// One conversation, or the place where a new one begins. What is shown follows the journal of its process, so every tab and device that
/// shows it sees the same.
/// </summary>
public sealed partial class ChatPage : ComponentBase
{
    const int MaxTitle = 60;

    // Of a run that was cut short more is never written than fits into an answer.
    const int MaxOpenEvents = 100_000;

    static readonly string[] s_suggestions = ["What is 48*37+5?", "Tell me a story about a fox", "Who are you?"];

    ConversationView? _view;
    ProcessRecord? _process;
    ChatActions? _actions;
    ConversationFollower? _follower;
    ConversationLog? _log;
    DotNetObjectReference<ChatPage>? _self;
    IReadOnlyList<ModelChoice>? _models;
    string? _chosen;
    string? _problem;
    long? _opened;
    bool _isOpen;
    bool _missing;
    bool _showsContext;
    bool _isInteractive;
    bool _wasAnswering;

    /// <summary>The process; null for a new conversation.</summary>
    [Parameter]
    public long? Pid { get; set; }

    string ChatKey => Pid?.ToString(CultureInfo.InvariantCulture) ?? "new";

    bool IsAnswering => _view?.IsAnswering == true;

    bool IsClosed => _missing || _view?.IsEnded == true;

    string ModelName => (_process is null ? _chosen : _process.Program.Model) ?? Assistant.ModelName;

    /// <summary>What the model that is in use does with tools, as far as it is known what it was taught.</summary>
    string ModelAbilities => ModelName != Assistant.ModelName ? ToolAbilities.Unknown
        : Assistant.Cpu.Info.IsEncoder ? ToolAbilities.None
        : ToolAbilities.Describe(
            Assistant.Cpu.Info.Offered(Assistant.Tools, Assistant.HasOptionalTools).Select(tool => tool.Declaration.Name));

    /// <summary>Those that may be chosen; the one in use is always among them.</summary>
    IEnumerable<ModelChoice> Models => _models is { } known && known.Any(model => model.Name == ModelName)
        ? known
        : (_models ?? []).Prepend(new ModelChoice(ModelName, ModelName));

    protected override async Task OnParametersSetAsync()
    {
        if (!_isOpen || _opened != Pid)
        {
            (_isOpen, _opened) = (true, Pid);
            await OpenAsync();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _isInteractive = true;
        Follow();
        _self = DotNetObjectReference.Create(this);
        await Script.InvokeVoidAsync("noos.connect", _self);
        // Which models are on the disk takes a look at it.
        _models = await Task.Run(() => ModelChoices.Read(Assistant.Cpu));
        if (Pid is null && _models.All(model => model.Name != _chosen))
        {
            // It was chosen when it was there.
            _chosen = null;
        }

        StateHasChanged();
    }

    /// <summary>Says something; called by the script of the page.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="files">Names of files that the conversation has.</param>
    /// <param name="begun">A new conversation that was begun for its files; null for none.</param>
    /// <param name="steers">The answer under way is stopped for it.</param>
    /// <returns>What went wrong, in a sentence; null for nothing.</returns>
    [JSInvokable]
    public async Task<string?> SendAsync(string text, IReadOnlyList<string> files, long? begun, bool steers)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(files);
        try
        {
            _problem = null;
            var process = Pid ?? begun ?? await BeginAsync();
            if (Visitor.Find(process) is not { } record)
            {
                return "There is no such conversation; begin a new one.";
            }

            var message = await AttachAsync(record, Message.User(text), files);
            await Processes.Table.SayAsync(process, message);
            if (string.IsNullOrEmpty(record.Title))
            {
                await Processes.Table.RenameAsync(process, TitleOf(text.Length > 0 ? text : string.Join(", ", files)));
            }

            if (steers && Pid is not null)
            {
                await Processes.Table.StopAsync(process);
            }

            List.Tell();
            if (Pid is null)
            {
                Navigator.NavigateTo(string.Create(CultureInfo.InvariantCulture, $"chat/{process}"));
            }

            return null;
        }
        catch (NoosException e)
        {
            return e.Message;
        }
    }

    /// <summary>Begins a conversation, for the files of its first question.</summary>
    [JSInvokable]
    public async Task<long> BeginAsync() => (await Processes.Table.SpawnAsync(new ProcessStart(
        Visitor.Principal.Owner, ProcessKind.Conversation,
        new ProcessProgram { Name = "page", Model = _chosen == Assistant.ModelName ? null : _chosen }))).Id;

    /// <summary>An answer as it was written.</summary>
    [JSInvokable]
    public string TextOf(long turn) => _view?.Path.FirstOrDefault(one => one.Id == turn)?.Text ?? "";

    /// <summary>The complete sentences of an answer, to be read aloud.</summary>
    [JSInvokable]
    public AnswerSentences SentencesOf(long turn, int first) =>
        AnswerSentences.From(_view?.Path.FirstOrDefault(one => one.Id == turn), first);

    public async ValueTask DisposeAsync()
    {
        EndCall();
        if (_follower is not null)
        {
            await _follower.DisposeAsync();
        }

        _self?.Dispose();
    }

    async Task OpenAsync()
    {
        if (_follower is not null)
        {
            await _follower.DisposeAsync();
            _follower = null;
        }

        (_view, _process, _actions, _problem, _missing, _wasAnswering) = (null, null, null, null, false, false);
        if (Pid is not { } pid)
        {
            _chosen = Defaults.Find(Visitor.Principal.Owner);
            return;
        }

        if (!Processes.Exist || Visitor.Find(pid) is not { Kind: not ProcessKind.Timer } process)
        {
            _missing = true;
            return;
        }

        (_process, _view) = (process, Read(pid));
        _actions = new ChatActions(Processes.Table, pid, Tell, other => Navigator.NavigateTo(
            string.Create(CultureInfo.InvariantCulture, $"chat/{other}")));
        Follow();
    }

    /// <summary>What has happened so far: of the runs that are over what they came to, of the one under way every word.</summary>
    ConversationView Read(long process)
    {
        var view = new ConversationView();
        var turns = Processes.Table.Turns(process);
        var open = turns.LastOrDefault(entry => entry.Event is RunBegan or RunEnded or AnswerStopped or AnswerFailed);
        var until = open?.Event is RunBegan ? open.Id : long.MaxValue;
        foreach (var entry in turns.TakeWhile(entry => entry.Id <= until))
        {
            view.Apply(entry);
        }

        if (open?.Event is RunBegan)
        {
            foreach (var entry in Processes.Table.Events(process, until, MaxOpenEvents))
            {
                view.Apply(entry);
            }
        }

        return view;
    }

    void Follow()
    {
        if (!_isInteractive || _view is not { } view || _process is not { } process || _follower is not null)
        {
            return;
        }

        _follower = new ConversationFollower(
            Processes.Table, process.Id, view.LastEvent, Options.DrawInterval, Time,
            entries => InvokeAsync(() => TakeAsync(view, entries)));
    }

    async Task TakeAsync(ConversationView view, IReadOnlyList<JournalEntry> entries)
    {
        if (view != _view)
        {
            return;
        }

        foreach (var entry in entries)
        {
            view.Apply(entry);
            _process = entry.Event switch
            {
                Renamed renamed => _process! with { Title = renamed.Title },
                ModelChosen chosen => _process! with { Program = _process.Program with { Model = chosen.Model } },
                _ => _process,
            };
        }

        if (_log is { } log && entries.All(entry => entry.Event is Wrote or CallPrinted))
        {
            log.Draw();
            return;
        }

        StateHasChanged();
        var isOver = _wasAnswering && !IsAnswering;
        _wasAnswering = IsAnswering;
        if (isOver || view.Waiting is not null)
        {
            await SayAsync(view);
        }
    }

    /// <summary>Whoever listens instead of reading hears the answer when it is whole.</summary>
    async Task SayAsync(ConversationView view)
    {
        try
        {
            await Script.InvokeVoidAsync("noos.say", view.Waiting is { Asked: { } asked }
                ? $"A permission is needed: {asked.Effect}"
                : view.Current.State switch
                {
                    AnswerState.Stopped => "Stopped",
                    AnswerState.Failed => "The answer failed",
                    _ => view.Current.Text is { Length: > 0 } text ? text : "Answer complete",
                });
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The browser has gone; it reads the answer when it is back.
        }
    }

    async Task<Message> AttachAsync(ProcessRecord process, Message message, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return message;
        }

        var there = Processes.Table.Files(process.Id);
        GivenFile[] files =
        [
            .. names.Select(name => there.FirstOrDefault(file => file.Name == name) ?? throw new NoosException(
                ErrorKind.NotFound, $"The file '{name}' is not there any more; give it again.")),
        ];
        return await new MessageFiles(Assistant.Cpu, Assistant.Cpu.Describe(process.Program.Model), Eye).AttachAsync(message, files);
    }

    async Task ChooseModelAsync(ChangeEventArgs e)
    {
        var model = (string?)e.Value;
        if (_process is not { } process)
        {
            _chosen = model;
            return;
        }

        try
        {
            await Processes.Table.ChooseModelAsync(process.Id, model == Assistant.ModelName ? null : model);
        }
        catch (NoosException problem)
        {
            _problem = problem.Message;
        }
    }

    Task StopAsync() => _actions?.StopAsync() ?? Task.CompletedTask;

    void Tell(string? problem)
    {
        _problem = problem;
        StateHasChanged();
    }

    static string TitleOf(string text)
    {
        var line = text.Trim().Split('\n')[0].Trim();
        return line.Length <= MaxTitle ? line : line[..MaxTitle].TrimEnd() + "…";
    }
}
