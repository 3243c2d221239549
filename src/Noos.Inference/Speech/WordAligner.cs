using System.Text;

namespace Noos.Inference.Speech;

/// <summary>
/// When each word is spoken: some heads of the cross-attention follow the speech, so the cheapest monotonic path through their weights
/// (dynamic time warping, as timing.py of Whisper) says which frames belong to which token. For one window.
/// </summary>
sealed class WordAligner(WhisperConfig config, WhisperVocabulary vocabulary, TextDecoder decoder, TextSequence sequence)
{
    const int MedianWidth = 7;
    const double SecondsPerFrame = 0.02;
    const string Closing = ".,!?:;)]}\"'%…。，！？：”’";

    // The heads of the published models, found by OpenAI on speech with known times.
    static readonly Dictionary<(int Layers, bool IsMultilingual), (int Block, int Head)[]> s_heads = new()
    {
        [(4, false)] = [(1, 0), (2, 0), (2, 5), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)],
        [(4, true)] = [(2, 2), (3, 0), (3, 2), (3, 3), (3, 4), (3, 5)],
        [(6, false)] = [(3, 3), (4, 7), (5, 1), (5, 5), (5, 7)],
        [(6, true)] = [(3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)],
        [(12, true)] = [(5, 3), (5, 9), (8, 0), (8, 4), (8, 7), (8, 8), (9, 0), (9, 7), (9, 9), (10, 5)],
        [(24, true)] = [(13, 15), (15, 4), (15, 15), (16, 1), (20, 0), (23, 4)],
    };

    /// <summary>The segments with their words.</summary>
    /// <param name="segments">Of the window.</param>
    /// <param name="prompt">What the decoder read before them.</param>
    public IReadOnlyList<WhisperSegment> Align(IReadOnlyList<WhisperSegment> segments, int[] prompt)
    {
        int[] start = [.. prompt[Array.IndexOf(prompt, vocabulary.Start)..], vocabulary.FirstTimestamp - 1];
        var room = sequence.Capacity - start.Length - 1;
        int[] text = [.. segments.SelectMany(segment => segment.Tokens).Take(room)];
        int[] tokens = [.. start, .. text, vocabulary.EndOfText];
        var frames = sequence.Features.Frames;
        var watch = new AttentionWatch(Heads(), tokens.Length, frames);
        sequence.Length = 0;
        for (var first = 0; first < tokens.Length; first += TextDecoder.MaxRows)
        {
            decoder.Execute(
                [.. tokens.Skip(first).Take(TextDecoder.MaxRows).Select(token => new TextRow(sequence, token, WantsLogits: false))], watch);
        }

        // The weights that predict a token stand at the one before it.
        var begins = BeginningsOf(Costs(watch, tokens.Length, start.Length - 1, text.Length + 1, frames), text.Length + 1, frames);
        var index = 0;
        return [.. segments.Select(segment =>
        {
            var words = WordsOf(segment, begins, index);
            index += segment.Tokens.Count;
            return segment with { Words = words };
        })];
    }

    /// <summary>Of an unknown model those of the upper half of the blocks.</summary>
    (int Block, int Head)[] Heads() =>
        s_heads.TryGetValue((config.TextLayerCount, vocabulary.IsMultilingual), out var known)
            && Array.TrueForAll(known, head => head.Block < config.TextLayerCount && head.Head < config.TextHeadCount)
            ? known
            :
            [
                .. from block in Enumerable.Range(config.TextLayerCount / 2, config.TextLayerCount - (config.TextLayerCount / 2))
                   from head in Enumerable.Range(0, config.TextHeadCount)
                   select (block, head),
            ];

    List<WhisperWord> WordsOf(WhisperSegment segment, double[] begins, int first)
    {
        var words = new List<WhisperWord>();
        var bytes = new List<byte>();
        var begin = first;
        for (var index = first; index < first + segment.Tokens.Count && index < begins.Length - 1; index++)
        {
            var piece = vocabulary.BytesOf(segment.Tokens[index - first]);
            if (bytes.Count > 0 && piece.Length > 0 && piece[0] == (byte)' ')
            {
                Add(index);
            }

            bytes.AddRange(piece);
        }

        Add(Math.Min(first + segment.Tokens.Count, begins.Length - 1));
        return words;

        void Add(int end)
        {
            var text = Encoding.UTF8.GetString([.. bytes]).Trim();
            var (from, to) = (begins[begin], begins[end]);
            begin = end;
            bytes.Clear();
            if (text.Length == 0)
            {
                return;
            }

            // What is only punctuation belongs to the word before it.
            if (words.Count > 0 && text.All(c => Closing.Contains(c)))
            {
                words[^1] = words[^1] with { Text = words[^1].Text + text };
                return;
            }

            var (start, stop) = (TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(Math.Max(from, to)));
            words.Add(new WhisperWord(
                text, Clamp(start, segment.Start, segment.End), Clamp(stop, segment.Start, segment.End)));
        }
    }

    static TimeSpan Clamp(TimeSpan time, TimeSpan min, TimeSpan max) => time < min ? min : time > max ? max : time;

    /// <summary>
    /// Minus the mean of the heads' weights, each brought to mean 0 and deviation 1 over the tokens and smoothed over time.
    /// </summary>
    static float[] Costs(AttentionWatch watch, int tokens, int first, int count, int frames)
    {
        var costs = new float[count * frames];
        var column = new float[tokens];
        var window = new float[MedianWidth];
        foreach (var weights in watch.Heads)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                for (var token = 0; token < tokens; token++)
                {
                    column[token] = weights[(token * frames) + frame];
                }

                var mean = column.Average();
                var deviation = MathF.Sqrt(column.Average(weight => (weight - mean) * (weight - mean))) + 1e-9f;
                for (var token = 0; token < tokens; token++)
                {
                    weights[(token * frames) + frame] = (column[token] - mean) / deviation;
                }
            }

            for (var token = 0; token < count; token++)
            {
                var row = weights.AsSpan((first + token) * frames, frames);
                for (var frame = 0; frame < frames; frame++)
                {
                    for (var i = 0; i < MedianWidth; i++)
                    {
                        // Mirrored at both ends.
                        var at = Math.Abs(frame + i - (MedianWidth / 2));
                        window[i] = row[Math.Clamp(at < frames ? at : (2 * frames) - 2 - at, 0, frames - 1)];
                    }

                    Array.Sort(window);
                    costs[(token * frames) + frame] -= window[MedianWidth / 2];
                }
            }
        }

        return costs;
    }

    /// <summary>The seconds at which each token begins, along the cheapest monotonic path.</summary>
    static double[] BeginningsOf(float[] costs, int tokens, int frames)
    {
        var sums = new float[(tokens + 1) * (frames + 1)];
        var steps = new byte[sums.Length];
        Array.Fill(sums, float.PositiveInfinity);
        sums[0] = 0;
        for (var token = 1; token <= tokens; token++)
        {
            for (var frame = 1; frame <= frames; frame++)
            {
                var at = (token * (frames + 1)) + frame;
                var (both, up, left) = (sums[at - frames - 2], sums[at - frames - 1], sums[at - 1]);
                var (best, step) = both < up && both < left ? (both, 0) : up < both && up < left ? (up, 1) : (left, 2);
                sums[at] = costs[((token - 1) * frames) + frame - 1] + best;
                steps[at] = (byte)step;
            }
        }

        var begins = new double[tokens];
        for (var (token, frame) = (tokens, frames); token > 0;)
        {
            begins[token - 1] = Math.Max(0, frame - 1) * SecondsPerFrame;
            if (frame <= 0)
            {
                token--;
                continue;
            }

            var step = steps[(token * (frames + 1)) + frame];
            (token, frame) = (step == 2 ? token : token - 1, step == 1 ? frame : frame - 1);
        }

        return begins;
    }
}
