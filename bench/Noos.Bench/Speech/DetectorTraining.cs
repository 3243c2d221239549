using System.Globalization;
using System.Runtime.InteropServices;
using Noos.Core.Storage;
using Noos.Media.Speech;
using Noos.Testing;

namespace Noos.Bench.Speech;

/// <summary>
/// Trains the classifier of <see cref="SpeechDetector"/> on read speech, with and without noise, and on synthetic sounds in which nobody
/// speaks; examines it on a reader, a speaker of digits and sounds that it did not hear.
/// </summary>
static class DetectorTraining
{
    const int Seed = 5;
    const int Epochs = 24;
    const int BatchLength = 64;
    const double LearningRate = 0.002;

    // Within the reach of a step's context, relative to the loud parts of a recording.
    const double SpokenLevel = -28;
    const double SilentLevel = -48;
    const int SoundSeconds = 10;
    const int SoundsPerKind = 16;
    const int HeldOutSounds = 6;
    const string HeldOutSpeaker = "_theo_";

    /// <param name="speech">The folder with kathleen.tar, ljspeech.tar and spoken-digits.tar.zst.</param>
    /// <param name="output">Receives the weights.</param>
    /// <param name="options">"held-out=KIND,KIND": sounds that are only examined.</param>
    public static void Run(string speech, string output, IReadOnlyList<string> options)
    {
        string[] heldOut = [.. options.Where(option => option.StartsWith("held-out=", StringComparison.Ordinal))
            .SelectMany(option => option["held-out=".Length..].Split(','))];
        var random = new Random(Seed);
        var train = new List<Example>();
        var exams = new Dictionary<string, List<Example>>();
        foreach (var (set, samples) in Speech(speech, random))
        {
            var examples = Label(samples, random);
            (set == "train" ? train : Exam(set)).AddRange(examples);
        }

        foreach (var kind in SyntheticSound.Kinds)
        {
            for (var seed = 0; seed < SoundsPerKind + HeldOutSounds; seed++)
            {
                var target = seed >= SoundsPerKind || heldOut.Contains(kind) ? Exam(kind) : train;
                target.AddRange(Features(SyntheticSound.Create(kind, SoundSeconds, seed), static _ => 0));
            }
        }

        Console.WriteLine(
            $"{train.Count:N0} steps of 50 ms, {train.Count(example => example.Label > 0.5f):N0} of them with speech, "
            + $"{exams.Sum(exam => exam.Value.Count):N0} in examinations");
        var weights = Train(train, random);
        AtomicFile.Write(output, stream => stream.Write(MemoryMarshal.AsBytes(weights.AsSpan())));
        var classifier = new SpeechClassifier(weights);
        Console.WriteLine("| examination | steps | right at 0.5 | above 0.8 |\n|---|---|---|---|");
        foreach (var (name, exam) in exams)
        {
            var right = exam.Count(example => classifier.Classify(example.Features) >= 0.5f == example.Label >= 0.5f);
            var certain = exam.Count(example => classifier.Classify(example.Features) >= 0.8f);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {exam.Count} | {100.0 * right / exam.Count:0.0}% | {100.0 * certain / exam.Count:0.0}% |"));
        }

        List<Example> Exam(string name) => CollectionsMarshal.GetValueRefOrAddDefault(exams, name, out _) ??= [];
    }

    static IEnumerable<(string Set, float[] Samples)> Speech(string folder, Random random)
    {
        var index = 0;
        foreach (var (name, content) in SpeechRecordings.Files(Path.Combine(folder, "kathleen.tar")))
        {
            // Every second is enough; every tenth is examined.
            if (index++ % 2 == 0)
            {
                yield return (index % 20 == 1 ? "Kathleen, other sentences" : "train", SpeechRecordings.Decode(content));
            }
        }

        foreach (var (name, content) in SpeechRecordings.Files(Path.Combine(folder, "ljspeech.tar")))
        {
            yield return ("LJ, unheard reader", SpeechRecordings.Decode(content));
        }

        foreach (var (name, content) in SpeechRecordings.Files(Path.Combine(folder, "spoken-digits.tar.zst")))
        {
            var isHeldOut = name.Contains(HeldOutSpeaker, StringComparison.Ordinal);
            if (random.Next(isHeldOut ? 4 : 3) == 0)
            {
                yield return (isHeldOut ? "digits, unheard speaker" : "train", SpeechRecordings.Decode(content));
            }
        }
    }

    /// <summary>Speech between silence, at some loudness and with some noise; what lies at the edge of words has no label.</summary>
    static List<Example> Label(float[] speech, Random random)
    {
        const int Margin = SpeechDetector.SampleRate / 2;
        float[] samples = [.. new float[Margin], .. speech, .. new float[Margin]];
        var steps = samples.Length / SpeechDetector.StepLength;
        var levels = new double[steps];
        for (var step = 0; step < steps; step++)
        {
            var part = samples.AsSpan(step * SpeechDetector.StepLength, SpeechDetector.StepLength);
            var energy = 0d;
            foreach (var sample in part)
            {
                energy += sample * sample;
            }

            levels[step] = 10 * Math.Log10((energy / part.Length) + 1e-12);
        }

        var loud = levels.Order().ElementAt(steps * 9 / 10);
        var gain = Math.Pow(10, ((-40 * random.NextDouble()) - loud - 12) / 20);
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = Math.Clamp((float)(samples[i] * gain), -1, 1);
        }

        if (random.Next(3) > 0)
        {
            SyntheticSound.AddNoise(samples, loud + (20 * Math.Log10(gain)) - 4 - (36 * random.NextDouble()), random.Next());
        }

        return Features(samples, step =>
        {
            if (step >= steps)
            {
                return null;
            }

            var near = levels.AsSpan(Math.Max(0, step - 2)..Math.Min(steps, step + 3));
            var far = levels.AsSpan(Math.Max(0, step - 6)..Math.Min(steps, step + 7));
            var (nearest, furthest) = (double.NegativeInfinity, double.NegativeInfinity);
            foreach (var level in near)
            {
                nearest = Math.Max(nearest, level);
            }

            foreach (var level in far)
            {
                furthest = Math.Max(furthest, level);
            }

            return nearest > loud + SpokenLevel ? 1f : furthest < loud + SilentLevel ? 0f : null;
        });
    }

    static List<Example> Features(float[] samples, Func<int, float?> label)
    {
        var examples = new List<Example>();
        var step = 0;
        var detector = new SpeechDetector();
        detector.ProcessFeatures(samples, (features, _) =>
        {
            if (label(step++) is { } known)
            {
                examples.Add(new Example(features.ToArray(), known));
            }
        });
        return examples;
    }

    /// <summary>Adam (Kingma and Ba, arXiv:1412.6980) on the cross-entropy, with a step that falls to zero.</summary>
    static float[] Train(List<Example> examples, Random random)
    {
        const int Inputs = ContextFeatures.Count;
        const int Hidden = SpeechClassifier.Hidden;
        var weights = new float[SpeechClassifier.WeightCount];
        for (var input = 0; input < Inputs; input++)
        {
            var mean = examples.Average(example => (double)example.Features[input]);
            var deviation = Math.Sqrt(examples.Average(example => Math.Pow(example.Features[input] - mean, 2)));
            (weights[input], weights[Inputs + input]) = ((float)mean, (float)(1 / (deviation + 1e-4)));
        }

        var layers = weights.AsMemory(2 * Inputs);
        var second = Hidden * (Inputs + 1);
        for (var i = 0; i < layers.Length; i++)
        {
            layers.Span[i] = (float)((random.NextDouble() - 0.5) * 2 / Math.Sqrt(i < second ? Inputs : Hidden));
        }

        var order = examples.ToArray();
        var (gradient, first, squares) = (new double[layers.Length], new double[layers.Length], new double[layers.Length]);
        var (hidden, inputs) = (new double[Hidden], new double[Inputs]);
        var updates = Epochs * (order.Length / BatchLength);
        var update = 0;
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(order);
            var loss = 0d;
            for (var begin = 0; begin + BatchLength <= order.Length; begin += BatchLength)
            {
                Array.Clear(gradient);
                foreach (var example in order.AsSpan(begin, BatchLength))
                {
                    loss += Backward(example);
                }

                Step(++update);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch + 1}: {loss / order.Length:0.00000}"));
        }

        return weights;

        double Backward(Example example)
        {
            var span = layers.Span;
            var sum = (double)span[second + Hidden];
            for (var input = 0; input < Inputs; input++)
            {
                inputs[input] = (example.Features[input] - weights[input]) * weights[Inputs + input];
            }

            for (var unit = 0; unit < Hidden; unit++)
            {
                var row = span.Slice(unit * (Inputs + 1), Inputs + 1);
                var activation = (double)row[Inputs];
                for (var input = 0; input < Inputs; input++)
                {
                    activation += row[input] * inputs[input];
                }

                hidden[unit] = Math.Tanh(activation);
                sum += span[second + unit] * hidden[unit];
            }

            var probability = 1 / (1 + Math.Exp(-sum));
            var error = (probability - example.Label) / BatchLength;
            for (var unit = 0; unit < Hidden; unit++)
            {
                gradient[second + unit] += error * hidden[unit];
                var back = error * span[second + unit] * (1 - (hidden[unit] * hidden[unit]));
                var row = gradient.AsSpan(unit * (Inputs + 1), Inputs + 1);
                for (var input = 0; input < Inputs; input++)
                {
                    row[input] += back * inputs[input];
                }

                row[Inputs] += back;
            }

            gradient[second + Hidden] += error;
            return -Math.Log(Math.Max(1e-9, example.Label > 0.5f ? probability : 1 - probability));
        }

        void Step(int number)
        {
            var rate = LearningRate * (1 - (number / (updates + 1d)));
            for (var i = 0; i < gradient.Length; i++)
            {
                // A little decay: weights that nothing needs stay small.
                var value = gradient[i] + (1e-5 * layers.Span[i]);
                first[i] = (0.9 * first[i]) + (0.1 * value);
                squares[i] = (0.999 * squares[i]) + (0.001 * value * value);
                var (m, v) = (first[i] / (1 - Math.Pow(0.9, number)), squares[i] / (1 - Math.Pow(0.999, number)));
                layers.Span[i] -= (float)(rate * m / (Math.Sqrt(v) + 1e-8));
            }
        }
    }

    sealed record Example(float[] Features, float Label);
}
