using Microsoft.AspNetCore.Http;
using Noos.Core.Conversations;
using Noos.Core.Devices;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Server.Files;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;
using Noos.Server.Uploads;

namespace Noos.Server.Answers;

/// <summary>
/// Begins the answers to requests of every API: chooses the model, lists the request among the processes, brings its files. Thread-safe.
/// </summary>
/// <param name="assistant">Answers.</param>
/// <param name="requests">Where requests are listed while they are answered.</param>
/// <param name="uploads">The files that requests name.</param>
/// <param name="eye">Reports to models that read text only what pictures show; null where those are refused.</param>
sealed class AnswerService(Assistant assistant, RequestTable requests, UploadStore uploads, IEye? eye = null)
{
    const int MaxTitle = 60;

    public Assistant Assistant => assistant;

    /// <summary>The frame of a handler: reads the request, begins its answer, and has it written.</summary>
    /// <param name="http">The request.</param>
    /// <param name="parse">Reads its body.</param>
    /// <param name="choose">What the model is asked.</param>
    /// <param name="write">Writes the answer, whole or as it comes.</param>
    public async Task HandleAsync<TRequest>(
        HttpContext http, Func<ReadOnlyMemory<byte>, TRequest> parse, Func<TRequest, AnswerRequest> choose,
        Func<TRequest, Answer, Task> write)
    {
        var request = parse(await RequestBody.ReadAsync(http));
        await using var answer = await BeginAsync(http, choose(request));
        await write(request, answer);
    }

    /// <summary>Nothing is generated before the answer is read.</summary>
    /// <exception cref="ApiException">It is asked for what the model cannot do.</exception>
    /// <exception cref="Core.NoosException">A file is damaged or not there.</exception>
    public async Task<Answer> BeginAsync(HttpContext http, AnswerRequest request)
    {
        var turn = request.Turn;
        var model = Choose(request);
        if (!model.Can.HasFlag(CpuFeatures.Adapt) && turn.Options.AdapterScales is { Count: > 0 })
        {
            throw ApiException.Invalid("lora", $"The model {model.Name} runs elsewhere, so it has no adapters here.");
        }

        RequireReadable(turn.Conversation, model, request.ContentField);
        ModelOperation.Name(http, model.Name);
        var program = new ProcessProgram { Model = model.Name, Fallbacks = turn.Fallbacks, Options = turn.Options };
        var title = TitleOf(turn.Conversation);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var processes = Begin(request, stop, () => requests.Begin(
            RequestOwner.Of(http, request.User), program, title, turn.Priority, stop.Token));
        var folder = NeedsFolder(turn.Conversation, model)
            ? Directory.CreateTempSubdirectory("noos-request-").FullName
            : null;
        var isBegun = false;
        Answer? answer = null;
        try
        {
            turn = turn with { Model = model.Name };
            answer = new Answer(model.Name, processes, folder, stop, (index, process) =>
            {
                var own = turn with
                {
                    Process = process.Record.Id,
                    Owner = process.Record.Owner,
                    Prompt = request.Prompts?[index / request.Count],
                    Options = turn.Options with
                    {
                        Seed = turn.Options.Seed is { } seed ? unchecked(seed + (ulong)(index % request.Count)) : null,
                    },
                };
                return request.UsesServerTools
                    ? assistant.AnswerAsync(own, folder, request.ServerTools, process.Token)
                    : assistant.RunAsync(own, process.Token);
            })
            {
                EffortField = request.EffortField,
            };
            if (folder is not null)
            {
                turn = turn with { Conversation = await StoreAsync(turn.Conversation, folder, model, http) };
            }

            isBegun = true;
            return answer;
        }
        finally
        {
            if (!isBegun && answer is not null)
            {
                await answer.DisposeAsync();
            }
        }
    }

    /// <summary>Who answers a request.</summary>
    /// <exception cref="Core.NoosException">A model that it names is not there, or is an encoder.</exception>
    public CpuInfo Choose(AnswerRequest request)
    {
        assistant.Cpu.RequireKnown(request.Turn.Fallbacks);
        var model = request.NeedsModel
            ? assistant.Cpu.Describe(request.Turn.Model)
            : Models.FindOrUsual(assistant.Cpu, request.Turn.Model);
        return model.IsEncoder ? throw model.CannotChat() : model;
    }

    /// <summary>The length of the prompt in tokens.</summary>
    /// <exception cref="ApiException">Only the model elsewhere knows.</exception>
    public async Task<int> CountAsync(AnswerRequest request, CancellationToken cancellationToken)
    {
        var model = Choose(request);
        RequireReadable(request.Turn.Conversation, model, request.ContentField);
        var conversation = await ReportAsync(request.Turn.Conversation, model, cancellationToken);
        using var lease = assistant.Cpu is CpuPool pool ? await pool.LeaseAsync(model.Name, cancellationToken) : null;
        return (lease?.Cpu ?? assistant.Cpu).CountTokens(conversation, request.Turn.Tools) ?? throw new ApiException(
            StatusCodes.Status400BadRequest, $"The model {model.Name} runs elsewhere, so that its tokens cannot be counted here.");
    }

    /// <summary>The conversation with reports for its pictures, where the model reads only those; nothing is kept.</summary>
    async Task<Conversation> ReportAsync(Conversation conversation, CpuInfo model, CancellationToken cancellationToken)
    {
        if (model.Can.HasFlag(CpuFeatures.See) || !conversation.Messages.Any(message => message.Parts.Any(IsPictureInRequest)))
        {
            return conversation;
        }

        var folder = Directory.CreateTempSubdirectory("noos-request-").FullName;
        try
        {
            var files = new MessageFiles(assistant.Cpu, model, eye);
            var messages = new List<Message>(conversation.Messages.Count);
            foreach (var message in conversation.Messages)
            {
                messages.Add(message.Parts.Any(IsPictureInRequest)
                    ? await files.StoreAsync(WithFiles(message), folder, cancellationToken)
                    : message);
            }

            return new Conversation(messages);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Files are read from it, and so are pictures by the eye and by tools, where the model does not see them itself.</summary>
    static bool NeedsFolder(Conversation conversation, CpuInfo model) => conversation.Messages.Any(message => message.Parts.Any(part =>
        UploadStore.IsFile(part) || (!model.Can.HasFlag(CpuFeatures.See) && IsPictureInRequest(part))));

    static bool IsPictureInRequest(Part part) =>
        part is ImagePart image && image.Uri.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Pictures become files of the conversation: the eye reports of them, and the tool "look" finds them by their names.
    /// </summary>
    static Message WithFiles(Message message) => message with
    {
        Parts =
        [
            .. message.Parts.Select(part => part is ImagePart { Uri: var uri, MediaType: var type } && IsPictureInRequest(part)
                ? new FilePart(uri, $"picture.{ExtensionOf(type)}", type)
                : part),
        ],
    };

    /// <summary>Only for the name that the model calls it by: what it is, its content says.</summary>
    static string ExtensionOf(string? type) => type switch
    {
        "image/jpeg" or "image/jpg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/bmp" => "bmp",
        _ => "png",
    };

    /// <summary>A process for each answer, or none where one may not begin.</summary>
    static RequestProcess[] Begin(AnswerRequest request, CancellationTokenSource stop, Func<RequestProcess> begin)
    {
        var processes = new List<RequestProcess>(request.Total);
        try
        {
            while (processes.Count < request.Total)
            {
                processes.Add(begin());
            }

            return [.. processes];
        }
        catch
        {
            processes.ForEach(process => process.Dispose());
            stop.Dispose();
            throw;
        }
    }

    async Task<Conversation> StoreAsync(Conversation conversation, string folder, CpuInfo model, HttpContext http)
    {
        var files = new MessageFiles(assistant.Cpu, model, eye);
        var messages = new List<Message>(conversation.Messages.Count);
        foreach (var message in conversation.Messages)
        {
            var brought = await uploads.BringAsync(RequestOwner.Of(http), message, folder, http.RequestAborted);
            messages.Add(await files.StoreAsync(
                model.Can.HasFlag(CpuFeatures.See) ? brought : WithFiles(brought), folder, http.RequestAborted));
        }

        return new Conversation(messages);
    }

    /// <summary>
    /// Sound is for models that hear, and so are pictures for models that see, where no eye is there: to all others they would be lost.
    /// </summary>
    void RequireReadable(Conversation conversation, CpuInfo model, string field)
    {
        var parts = conversation.Messages.SelectMany(message => message.Parts);
        var isBlind = !model.Can.HasFlag(CpuFeatures.See);
        var refusal = isBlind && eye is null && parts.Any(part => part is ImagePart) ? "pictures cannot be shown to it"
            : isBlind && parts.Any(part => part is ImagePart && !IsPictureInRequest(part) && !UploadStore.IsFile(part))
                ? "a picture must come with the request, as data:image/TYPE;base64, and its bytes: addresses are not opened for it"
            : !model.Can.HasFlag(CpuFeatures.Hear) && parts.Any(part => part is AudioPart) ? "sound cannot be played to it"
            : null;
        if (refusal is not null)
        {
            throw ApiException.Invalid(
                field, $"The model {model.Name} reads text only, so {refusal}; leave that part out, or ask another model.");
        }
    }

    static string? TitleOf(Conversation conversation)
    {
        var text = conversation.Messages.LastOrDefault(message => message.Role == Role.User)?.Text().Trim() ?? "";
        var line = text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? text[..end] : text;
        return line.Length == 0 ? null : line.Length <= MaxTitle ? line : line[..MaxTitle].TrimEnd() + "...";
    }
}
