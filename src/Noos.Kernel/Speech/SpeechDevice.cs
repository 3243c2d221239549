using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Kernel.Processes;

namespace Noos.Kernel.Speech;

/// <summary>
/// The loudspeaker's side of the operating system: who reads aloud is a process, listed, limited and killed like every other request.
/// Texts of several processes are read sentence by sentence in turns, so that nobody waits for another's whole text. Thread-safe.
/// </summary>
/// <param name="voices">The voices.</param>
/// <param name="requests">Where it is listed while it is read.</param>
public sealed class SpeechDevice(IVoiceSource voices, RequestTable requests) : IDisposable
{
    /// <summary>Characters of one request, as OpenAI's API has it.</summary>
    public const int MaxCharacters = 4096;

    const int MaxTitle = 60;
    readonly SemaphoreSlim _turn = new(1);

    public IReadOnlyList<VoiceInfo> Voices => voices.List();

    /// <summary>Reads a text aloud.</summary>
    /// <param name="owner">Whose process it is.</param>
    /// <param name="voice">Which voice; null for the usual one.</param>
    /// <param name="request">What is read.</param>
    /// <param name="cancellationToken">Cancelled when nobody listens any more.</param>
    /// <exception cref="NoosException">There is no such voice, the text is empty or too long, or the process was killed.</exception>
    public async IAsyncEnumerable<SpokenSentence> SpeakAsync(
        string owner, string? voice, SpeechRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request);

        // Opening reads tens of megabytes: not on the thread of a request.
        var speaker = await Task.Run(() => voices.Open(voice), cancellationToken);
        using var process = requests.Begin(
            owner, new ProcessProgram { Model = speaker.Info.Name }, Title(request.Text), ProcessPriority.Interactive, cancellationToken);
        process.Run();
        using var sentences = speaker.Speak(request, process.Token).GetEnumerator();
        while (true)
        {
            SpokenSentence? next;
            try
            {
                next = await NextAsync(sentences, process.Token);
            }
            catch (OperationCanceledException) when (process.IsKilled)
            {
                throw process.ToException();
            }

            if (next is null)
            {
                yield break;
            }

            yield return next;
        }
    }

    public void Dispose() => _turn.Dispose();

    async Task<SpokenSentence?> NextAsync(IEnumerator<SpokenSentence> sentences, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => sentences.MoveNext() ? sentences.Current : null, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    static void Require(SpeechRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Text))
        {
            throw new NoosException(ErrorKind.Invalid, "There is nothing to read aloud; give a text.") { Parameter = "input" };
        }

        if (request.Text.Length > MaxCharacters)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"A text of {request.Text.Length} characters is longer than the {MaxCharacters} that are read at once; send it in parts.")
            {
                Parameter = "input",
            };
        }

        if (!(request.Speed is >= SpeechRequest.MinSpeed and <= SpeechRequest.MaxSpeed))
        {
            throw new NoosException(
                ErrorKind.Invalid, FormattableString.Invariant(
                    $"The speed must be from {SpeechRequest.MinSpeed} to {SpeechRequest.MaxSpeed}; 1 is the voice's own pace."))
            {
                Parameter = "speed",
            };
        }
    }

    static string Title(string text)
    {
        var line = text.Trim().ReplaceLineEndings(" ");
        return $"Reads aloud: {(line.Length <= MaxTitle ? line : line[..MaxTitle].TrimEnd() + "...")}";
    }
}
