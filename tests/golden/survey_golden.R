# Computes tests/golden/survey_golden.json, which the tests of estimation/ are held against.
#
# Run by hand, in the project's folder, after a change of the input or of this script:
#
#     python -m tests.golden.synthetic_waves
#     Rscript tests/golden/survey_golden.R
#
# Needs R with the packages survey and jsonlite (Debian: r-base-core, r-cran-survey, r-cran-jsonlite).
# The committed numbers come from R 4.2.2 and survey 4.1-1. Nothing here reads the project's code.

suppressMessages({
    library(survey)
    library(jsonlite)
})

input <- read.csv("tests/golden/survey_golden_input.csv", stringsAsFactors = FALSE)
frame_counts <- c(earlier = 150, later = 160)
margins <- list(
    earlier = list(
        role = c(owner = 65, would_be_owner = 40, implementer = 45),
        team_size = c(one = 45, two_to_five = 60, six_or_more = 45),
        region = c(africa = 55, asia = 50, europe = 45)
    ),
    later = list(
        role = c(owner = 70, would_be_owner = 45, implementer = 45),
        team_size = c(one = 50, two_to_five = 60, six_or_more = 50),
        region = c(africa = 60, asia = 55, europe = 45)
    )
)

wave_design <- function(wave, finite) {
    answers <- input[input$wave == wave, ]
    answers$frame_count <- frame_counts[[wave]]
    answers$weight <- answers$frame_count / nrow(answers)
    if (finite) {
        svydesign(~1, weights = ~weight, fpc = ~frame_count, data = answers)
    } else {
        svydesign(~1, weights = ~weight, data = answers)
    }
}

raked <- function(wave, kinds, finite = TRUE) {
    populations <- lapply(kinds, function(kind) {
        counts <- margins[[wave]][[kind]]
        setNames(data.frame(names(counts), as.numeric(counts)), c(kind, "Freq"))
    })
    rake(
        wave_design(wave, finite), lapply(kinds, function(kind) reformulate(kind)), populations,
        control = list(maxit = 10000, epsilon = 1e-12)
    )
}

# The share of y with its standard error and its interval by the logit, which svyciprop defines.
share <- function(design, y) {
    found <- svymean(reformulate(y), design)
    interval <- suppressWarnings(attr(svyciprop(reformulate(y), design, method = "logit"), "ci"))
    list(
        share = unname(coef(found)), standard_error = unname(SE(found)[1]),
        ci_low = unname(interval[1]), ci_high = unname(interval[2])
    )
}

shares <- function(design) {
    list(
        all_wants_experts = share(design, "wants_experts"),
        all_wants_community = share(design, "wants_community"),
        base_wants_experts = share(subset(design, in_base == 1), "wants_experts")
    )
}

three <- c("role", "team_size", "region")
rakings <- lapply(setNames(names(frame_counts), names(frame_counts)), function(wave) {
    lapply(list(two = three[1:2], three = three), function(kinds) {
        design <- raked(wave, kinds)
        c(list(weights = unname(weights(design))), shares(design))
    })
})

# The same weights without the knowledge that they were raked, as a plain weighted analysis has it.
fixed <- wave_design("earlier", TRUE)$variables
fixed$weight <- rakings$earlier$two$weights
fixed_design <- svydesign(~1, weights = ~weight, fpc = ~frame_count, data = fixed)

# Owners less implementers. A saturated model's coefficient: svyby has no covariances of raked designs.
by_role <- function(design) {
    model <- svyglm(wants_experts ~ relevel(factor(role), "implementer"), design)
    place <- grep("owner$", names(coef(model)))[1]
    list(difference = unname(coef(model)[place]), standard_error = unname(sqrt(vcov(model)[place, place])))
}

between_waves <- function(kinds) {
    both <- lapply(names(frame_counts), function(wave) svymean(~wants_experts, raked(wave, kinds)))
    list(
        difference = unname(coef(both[[2]]) - coef(both[[1]])),
        standard_error = sqrt(as.numeric(vcov(both[[1]])) + as.numeric(vcov(both[[2]])))
    )
}

# ---- differences of counts, from R's own tests ------------------------------------------------
wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int)

newcombe <- function(x1, n1, x2, n2, r = 0) {
    p1 <- x1 / n1; p2 <- x2 / n2
    w1 <- wilson(x1, n1); w2 <- wilson(x2, n2)
    below <- c(p2 - w2[1], w1[2] - p1); above <- c(w2[2] - p2, p1 - w1[1])
    m <- matrix(c(1, -r, -r, 1), 2)
    c(p2 - p1 - sqrt(drop(t(below) %*% m %*% below)), p2 - p1 + sqrt(drop(t(above) %*% m %*% above)))
}

independent <- function(x1, n1, x2, n2) {
    chi2 <- unname(suppressWarnings(prop.test(c(x1, x2), c(n1, n2), correct = FALSE)$statistic))
    total <- n1 + n2
    list(
        counts = c(x1, n1, x2, n2), interval = newcombe(x1, n1, x2, n2),
        p_value = pchisq(chi2 * (total - 1) / total, 1, lower.tail = FALSE),
        fisher = fisher.test(matrix(c(x1, n1 - x1, x2, n2 - x2), 2))$p.value
    )
}

paired <- function(both, only_earlier, only_later, neither) {
    n <- both + only_earlier + only_later + neither
    answers <- data.frame(
        a = rep(c(1, 1, 0, 0), c(both, only_earlier, only_later, neither)),
        b = rep(c(1, 0, 1, 0), c(both, only_earlier, only_later, neither))
    )
    # Where everybody gave one answer there is no correlation to subtract.
    phi <- if (both + only_earlier == 0) 0 else cor(answers$a, answers$b)
    spread <- n * sqrt(prod(sapply(answers, function(x) mean(x) * (1 - mean(x)))))
    corrected <- if (phi > 0) max(0, phi - 0.5 / spread) else phi
    list(
        counts = c(both, only_earlier, only_later, neither), phi = phi,
        interval = newcombe(sum(answers$a), n, sum(answers$b), n, corrected),
        p_value = binom.test(only_later, only_earlier + only_later)$p.value
    )
}

# The linked respondents are first[1:m] and second[1:m].
overlapping <- function(first, second, m) {
    n1 <- length(first); n2 <- length(second)
    phi <- cor(first[1:m], second[1:m])
    pooled <- mean(c(first, second))
    error <- sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2 - 2 * m * phi / (n1 * n2)) * (n1 + n2) / (n1 + n2 - 1))
    table <- table(factor(first[1:m], 1:0), factor(second[1:m], 1:0))
    spread <- m * sqrt(mean(first[1:m]) * mean(1 - first[1:m]) * mean(second[1:m]) * mean(1 - second[1:m]))
    corrected <- if (phi > 0) max(0, phi - 0.5 / spread) else phi
    list(
        counts = c(sum(first), n1, sum(second), n2),
        linked = c(table[1, 1], table[1, 2], table[2, 1], table[2, 2]),
        interval = newcombe(sum(first), n1, sum(second), n2, corrected * m / sqrt(n1 * n2)),
        p_value = 2 * pnorm(-abs(mean(second) - mean(first)) / error)
    )
}
wants <- lapply(names(frame_counts), function(wave) input[input$wave == wave, "wants_community"])
# The two waves' first 20 rows are the same respondents; the second case is one of strong agreement.
agreeing <- c(wants[[1]][1:18], 1 - wants[[1]][19:20], rep(c(1, 1, 1, 0), 5))

p_values <- c(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216)
by_challenge <- as.matrix(table(input$role[input$wave == "earlier"], input$challenge[input$wave == "earlier"]))
small_table <- matrix(c(5, 1, 0, 2, 3, 1, 0, 2, 6), 3)

golden <- list(
    unweighted = lapply(setNames(names(frame_counts), names(frame_counts)), function(wave) {
        list(finite = shares(wave_design(wave, TRUE)), infinite = shares(wave_design(wave, FALSE)))
    }),
    raked = rakings,
    fixed_weights = share(fixed_design, "wants_experts"),
    difference_by_role = list(
        unweighted = by_role(wave_design("earlier", TRUE)),
        raked = by_role(raked("earlier", c("team_size", "region")))
    ),
    difference_between_waves = list(two = between_waves(three[1:2]), three = between_waves(three)),
    independent = list(
        independent(26, 40, 20, 44), independent(56, 70, 48, 80), independent(3, 40, 11, 44),
        independent(0, 40, 7, 38), independent(19, 19, 15, 21), independent(1, 40, 1, 12)
    ),
    paired = list(paired(12, 3, 9, 6), paired(20, 5, 1, 4), paired(2, 7, 8, 3), paired(0, 0, 6, 9)),
    overlapping = list(overlapping(wants[[1]], wants[[2]], 20), overlapping(wants[[1]], agreeing, 20)),
    benjamini_hochberg = list(p = p_values, q = p.adjust(p_values, "BH")),
    holm = list(p = p_values, adjusted = p.adjust(p_values, "holm")),
    fisher_freeman_halton = list(
        list(table = matrix(by_challenge, nrow(by_challenge)), p = fisher.test(by_challenge, workspace = 2e7)$p.value),
        list(table = small_table, p = fisher.test(small_table)$p.value)
    ),
    versions = list(R = R.version.string, survey = as.character(packageVersion("survey")))
)

write(toJSON(golden, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/golden/survey_golden.json")
