namespace Noos.Corpus.Procedural;

/// <summary>
/// Random tokens, then the same again: nothing but the match of what came before tells what comes next (the test of induction heads, Olsson
/// et al. 2022, arXiv:2209.11895).
/// </summary>
/// <param name="vocabulary">The tokens to draw from.</param>
/// <param name="length">Of each segment; 0 for lengths of 4 up to half of a row, short ones as often as long ones.</param>
sealed class RepeatedTokens(int[] vocabulary, int length)
{
    const int MinLength = 4;
    const int MaxCopies = 3;

    // Few different tokens make matches ambiguous, so that more than one token back must be looked at.
    const int FewTokens = 24;

    public void Fill(Random random, Span<int> tokens, Span<bool> isTarget)
    {
        var place = 0;
        while (tokens.Length - place >= 2 * Math.Max(MinLength, length))
        {
            var longest = (tokens.Length - place) / 2;
            var size = length > 0 ? length : (int)(MinLength * Math.Pow((double)longest / MinLength, random.NextDouble()));
            var segment = tokens.Slice(place, size);
            Draw(random, segment);
            place += size;
            var copies = length > 0 ? 1 : random.Next(1, MaxCopies + 1);
            for (var copy = 0; copy < copies && tokens.Length - place >= size; copy++)
            {
                // Sometimes the copy does not follow at once.
                var gap = length == 0 && random.Next(4) == 0 ? random.Next(1, size + 1) : 0;
                if (tokens.Length - place < size + gap)
                {
                    gap = 0;
                }

                Draw(random, tokens.Slice(place, gap));
                place += gap;
                segment.CopyTo(tokens[place..]);

                // That the repetition begins can be foreseen only when one has followed at once before.
                isTarget.Slice(place + 1, size - 1).Fill(true);
                place += size;
            }
        }

        Draw(random, tokens[place..]);
    }

    void Draw(Random random, Span<int> tokens)
    {
        var few = length == 0 && random.Next(6) == 0;
        var offset = random.Next(Math.Max(1, vocabulary.Length - FewTokens));
        foreach (ref var token in tokens)
        {
            token = few ? vocabulary[offset + random.Next(Math.Min(FewTokens, vocabulary.Length))] : vocabulary[random.Next(vocabulary.Length)];
        }
    }
}
