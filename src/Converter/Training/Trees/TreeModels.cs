using System.Globalization;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Trees;

/// <summary>
/// The models of trees that can be asked for by name: <c>tree:depth=8</c>, <c>forest:trees=20,depth=8</c>, <c>boosted:trees=50,depth=3</c>; and, for numbers, <c>linear</c>.
/// </summary>
internal static class TreeModels
{
    /// <summary>More would need sums of too many numbers for each sample.</summary>
    private const int MostClasses = 4096;

    private static readonly Dictionary<string, string[]> s_settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tree"] = ["depth", "leaf", "alpha", "criterion"],
        ["forest"] = ["trees", "depth", "leaf", "alpha", "criterion", "features"],
        ["boosted"] = ["trees", "depth", "leaf", "rate", "lambda", "bins"],
    };

    public static IEnumerable<string> Names => s_settings.Keys;

    /// <summary>Whether <paramref name="text"/> names such a model.</summary>
    public static bool Recognises(string text) => s_settings.ContainsKey(text.Split(':', 2)[0]);

    /// <summary>Learns the model that <paramref name="text"/> names.</summary>
    /// <param name="patience">Boosting: ends after so many rounds without a better one; null for never.</param>
    /// <param name="progress">Told the part that is done, from several threads.</param>
    /// <exception cref="InputException">A setting is not known or out of range.</exception>
    public static Graph Train(string text, TreeProblem problem, int seed, int threads, int? patience, Action<double> progress, CancellationToken cancellation)
    {
        var settings = new Settings(text);
        if (problem.Classes > MostClasses)
        {
            throw new InputException($"{text}: there are {problem.Classes} classes; at most {MostClasses} can be told apart");
        }

        bool isBoosted = settings.Name == "boosted";
        var options = new TreeOptions
        {
            Depth = settings.Integer("depth", isBoosted ? 3 : 16, 1, 64),
            LeafRows = settings.Integer("leaf", isBoosted ? 5 : 1, 1, 1 << 20),
            Alpha = (float)settings.Real("alpha", 0, 0, 1),
            Threads = threads,
        };
        bool entropy = settings.Word("criterion", "gini", "gini", "entropy") == "entropy";
        TreeEnsemble ensemble;
        switch (settings.Name)
        {
            case "tree":
                ensemble = TreeTrainer.Tree(problem, options, entropy);
                break;
            case "forest":
                // The usual choice: the root of their number for classes, a third for numbers.
                int few = problem.Classes > 0 ? (int)Math.Ceiling(Math.Sqrt(problem.Features)) : Math.Max(1, problem.Features / 3);
                options = options with { FeaturesPerNode = settings.Integer("features", few, 1, 1 << 20) };
                ensemble = TreeTrainer.Forest(problem, options, entropy, settings.Integer("trees", 20, 1, 4096), seed, progress, cancellation);
                break;
            default:
                var boosting = new BoostingOptions(settings.Integer("trees", 50, 1, 4096), settings.Real("rate", 0.3, 1e-4, 1), settings.Real("lambda", 1, 0, 1e6), settings.Integer("bins", 256, 2, FeatureTable.MostBins), patience);
                ensemble = new Booster(problem, options, boosting).Run(progress, cancellation);
                break;
        }

        return ToGraph(ensemble, isBoosted && problem.Classes > 0);
    }

    private static Graph ToGraph(TreeEnsemble ensemble, bool withSoftmax)
    {
        var graph = new Graph { Name = "trees" };
        var x = new Value("input", ElementType.Float32, new Shape(1, ensemble.Features));
        var y = new Value(withSoftmax ? "scores" : "output", ElementType.Float32, new Shape(1, ensemble.Outputs));
        graph.Inputs.Add(x);
        graph.Nodes.Add(new Node("trees", ensemble, [x], [y]));
        if (withSoftmax)
        {
            var p = new Value("output", ElementType.Float32, y.Shape);
            graph.Nodes.Add(new Node("softmax", new Softmax(1, 1), [y], [p]));
            y = p;
        }

        graph.Outputs.Add(y);
        return graph;
    }

    /// <summary>NAME:KEY=VALUE,KEY=VALUE.</summary>
    private sealed class Settings
    {
        private readonly string _text;
        private readonly Dictionary<string, string> _values = [];

        public Settings(string text)
        {
            _text = text;
            string[] parts = text.Split(':', 2);
            Name = parts[0].ToLowerInvariant();
            string[] known = s_settings[Name];
            foreach (string pair in parts.Length > 1 ? parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
            {
                string[] words = pair.Split('=', 2);
                if (words.Length != 2 || !known.Contains(words[0]))
                {
                    throw new InputException($"{text}: '{pair}' is not known; a {Name} has {string.Join(", ", known)}, as {Name}:{known[0]}=8");
                }

                _values[words[0]] = words[1];
            }
        }

        public string Name { get; }

        public int Integer(string key, int otherwise, int least, int most) => !_values.TryGetValue(key, out string? value) ? otherwise
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number
            : throw new InputException($"{_text}: {key} is a number from {least} to {most}, not '{value}'");

        public double Real(string key, double otherwise, double least, double most) => !_values.TryGetValue(key, out string? value) ? otherwise
            : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most ? number
            : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{_text}: {key} is a number from {least} to {most}, not '{value}'"));

        public string Word(string key, string otherwise, params string[] words) => !_values.TryGetValue(key, out string? value) ? otherwise
            : words.Contains(value) ? value
            : throw new InputException($"{_text}: {key} is {string.Join(" or ", words)}, not '{value}'");
    }
}
