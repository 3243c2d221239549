using Noos.Core.Text;

namespace Noos.Courses.Lessons;

/// <summary>
/// Seeded choices for lessons and examinations. Numbers are dealt from two packs that never meet, see <see cref="ReservedNumbers"/>:
/// one for lessons, one for examinations.
/// </summary>
public sealed class Draw(int seed, bool isExamination)
{
    // The golden ratio spreads consecutive steps evenly over a range (Knuth, volume 3, section 6.4).
    const double GoldenRatio = 0.6180339887498949;

    readonly Random _random = new(seed);
    readonly long[] _steps = new long[10];

    public bool IsExamination { get; } = isExamination;

    public bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>
    /// A plain random number from <paramref name="low"/> to <paramref name="high"/>, both included, for choices and not to be shown.
    /// </summary>
    public int Index(int low, int high) => _random.Next(low, high + 1);

    /// <summary>A word that nobody has ever written, from the pack of this course; see <see cref="InventedWords"/>.</summary>
    public string InventedWord() => InventedWords.Create(_random, IsExamination);

    /// <summary>As <see cref="InventedWord"/>, with a capital letter.</summary>
    public string InventedName() => InventedWords.CreateName(_random, IsExamination);

    /// <summary>Different items in random order.</summary>
    public T[] PickMany<T>(IEnumerable<T> items, int count)
    {
        var chosen = items.ToArray();
        _random.Shuffle(chosen);
        return chosen[..Math.Min(count, chosen.Length)];
    }

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    internal T Pick<T>(List<T> items) => items[_random.Next(items.Count)];

    public T Pick<T>(params ReadOnlySpan<T> items) => items[_random.Next(items.Length)];

    /// <summary>A number to be shown, from <paramref name="low"/> to <paramref name="high"/>, from the pack of this course.</summary>
    public long Number(long low, long high)
    {
        while (true)
        {
            var number = _random.NextInt64(low, high + 1);
            if (Fits(number))
            {
                return number;
            }
        }
    }

    /// <summary>A number with that many digits.</summary>
    public long Digits(int count)
    {
        var high = (long)Math.Pow(10, count) - 1;
        return count == 1 ? Number(2, 9) : Number((high + 1) / 10, high);
    }

    /// <summary>As <see cref="Digits"/>, but in steps that come to every such number in turn.</summary>
    public long NextWithDigits(int count)
    {
        var low = count == 1 ? 0 : (long)Math.Pow(10, count - 1);
        var size = (long)Math.Pow(10, count) - low;
        var stride = (long)(size * GoldenRatio) | 1;
        // Sizes are multiples of 2, 3 and 5 only.
        while (stride % 3 == 0 || stride % 5 == 0)
        {
            stride += 2;
        }

        while (true)
        {
            var number = low + ((seed + (_steps[count]++ * stride)) % size + size) % size;
            if (Fits(number))
            {
                return number;
            }
        }
    }

    public bool Fits(long number) => number < 10 || ReservedNumbers.Contains(number) == IsExamination;
}
