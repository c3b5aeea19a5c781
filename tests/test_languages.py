"""Languages: every name of FLORES-200 has a code of its own here, wherever a user names a language."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from xbench import cli
from xbench.errors import SpecError
from xbench.languages import canonical, canonical_names, is_language, language_name, match_language, script
from xbench.results.reading import read_result
from xbench.specs import registry, restrict

FLORES_200 = """
ace_Arab=ace-Arab ace_Latn=ace acm_Arab=acm acq_Arab=acq aeb_Arab=aeb afr_Latn=af ajp_Arab=ajp aka_Latn=ak
amh_Ethi=am apc_Arab=apc arb_Arab=ar arb_Latn=ar-Latn ars_Arab=ars ary_Arab=ary arz_Arab=arz asm_Beng=as
ast_Latn=ast awa_Deva=awa ayr_Latn=ay azb_Arab=azb azj_Latn=az bak_Cyrl=ba bam_Latn=bm ban_Latn=ban bel_Cyrl=be
bem_Latn=bem ben_Beng=bn bho_Deva=bho bjn_Arab=bjn-Arab bjn_Latn=bjn bod_Tibt=bo bos_Latn=bs bug_Latn=bug
bul_Cyrl=bg cat_Latn=ca ceb_Latn=ceb ces_Latn=cs cjk_Latn=cjk ckb_Arab=ckb crh_Latn=crh-Latn cym_Latn=cy dan_Latn=da
deu_Latn=de dik_Latn=din dyu_Latn=dyu dzo_Tibt=dz ell_Grek=el eng_Latn=en epo_Latn=eo est_Latn=et eus_Latn=eu
ewe_Latn=ee fao_Latn=fo fij_Latn=fj fin_Latn=fi fon_Latn=fon fra_Latn=fr fur_Latn=fur fuv_Latn=fuv gla_Latn=gd
gle_Latn=ga glg_Latn=gl grn_Latn=gn guj_Gujr=gu hat_Latn=ht hau_Latn=ha heb_Hebr=he hin_Deva=hi hne_Deva=hne
hrv_Latn=hr hun_Latn=hu hye_Armn=hy ibo_Latn=ig ilo_Latn=ilo ind_Latn=id isl_Latn=is ita_Latn=it jav_Latn=jv
jpn_Jpan=ja kab_Latn=kab kac_Latn=kac kam_Latn=kam kan_Knda=kn kas_Arab=ks kas_Deva=ks-Deva kat_Geor=ka
knc_Arab=kr-Arab knc_Latn=kr kaz_Cyrl=kk kbp_Latn=kbp kea_Latn=kea khm_Khmr=km kik_Latn=ki kin_Latn=rw kir_Cyrl=ky
kmb_Latn=kmb kmr_Latn=ku kon_Latn=kg kor_Hang=ko lao_Laoo=lo lij_Latn=lij lim_Latn=li lin_Latn=ln lit_Latn=lt
lmo_Latn=lmo ltg_Latn=ltg ltz_Latn=lb lua_Latn=lua lug_Latn=lg luo_Latn=luo lus_Latn=lus lvs_Latn=lv mag_Deva=mag
mai_Deva=mai mal_Mlym=ml mar_Deva=mr min_Arab=min-Arab min_Latn=min mkd_Cyrl=mk plt_Latn=mg mlt_Latn=mt mni_Beng=mni
khk_Cyrl=mn mos_Latn=mos mri_Latn=mi mya_Mymr=my nld_Latn=nl nno_Latn=nn nob_Latn=nb npi_Deva=ne nso_Latn=nso
nus_Latn=nus nya_Latn=ny oci_Latn=oc gaz_Latn=om ory_Orya=or pag_Latn=pag pan_Guru=pa pap_Latn=pap pes_Arab=fa
pol_Latn=pl por_Latn=pt prs_Arab=fa-AF pbt_Arab=ps quy_Latn=quy ron_Latn=ro run_Latn=rn rus_Cyrl=ru sag_Latn=sg
san_Deva=sa sat_Olck=sat scn_Latn=scn shn_Mymr=shn sin_Sinh=si slk_Latn=sk slv_Latn=sl smo_Latn=sm sna_Latn=sn
snd_Arab=sd som_Latn=so sot_Latn=st spa_Latn=es als_Latn=sq srd_Latn=sc srp_Cyrl=sr ssw_Latn=ss sun_Latn=su
swe_Latn=sv swh_Latn=sw szl_Latn=szl tam_Taml=ta tat_Cyrl=tt tel_Telu=te tgk_Cyrl=tg tgl_Latn=fil tha_Thai=th
tir_Ethi=ti taq_Latn=taq taq_Tfng=taq-Tfng tpi_Latn=tpi tsn_Latn=tn tso_Latn=ts tuk_Latn=tk tum_Latn=tum tur_Latn=tr
twi_Latn=tw tzm_Tfng=tzm-Tfng uig_Arab=ug ukr_Cyrl=uk umb_Latn=umb urd_Arab=ur uzn_Latn=uz vec_Latn=vec vie_Latn=vi
war_Latn=war wol_Latn=wo xho_Latn=xh ydd_Hebr=yi yor_Latn=yo yue_Hant=yue zho_Hans=zh zho_Hant=zh-Hant zsm_Latn=ms
zul_Latn=zu
"""
NAMES = [line.split("=") for line in FLORES_200.split()]
ROWS = """
name: r
languages: [eng_Latn, zho_Hant]
format: parallel
source: {path: rows.jsonl}
"""


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize(("name", "code"), NAMES)
def test_a_name_of_flores_stands_for_one_code(name: str, code: str) -> None:
    assert canonical(name) == code and is_language(code)
    assert canonical(code) == code


def test_no_two_names_of_flores_share_a_code() -> None:
    assert len(NAMES) == len({code for _, code in NAMES}) == 204


@pytest.mark.parametrize("task", ["belebele", "ntrex", "tatoeba"])
def test_the_languages_of_a_task_are_found_by_their_names_in_flores(task: str) -> None:
    languages = registry.load("task", task).spec.languages
    names = dict(name.split("=") for name in FLORES_200.split())
    for name, code in names.items():
        if code in languages:
            assert match_language(name, languages) == code


def test_belebele_writes_each_language_as_the_code_that_stands_for_it() -> None:
    spec = registry.load("task", "belebele").spec
    for code, name in spec.source.codes.items():  # type: ignore[union-attr]
        assert match_language(name, spec.languages) == code


@pytest.mark.parametrize(
    ("name", "among", "code"),
    [
        ("zho_Hans", ["zh-Hans", "zh-Hant"], "zh-Hans"),
        ("zh", ["zh-Hans", "zh-Hant"], "zh-Hans"),
        ("tgl_Latn", ["tl"], "tl"),
        ("cmn_Hans", ["zh"], "zh"),
        ("ar", ["ar-Latn", "ar"], "ar"),
        ("arb_Latn", ["ar"], None),
        ("zh", ["zh-Hans", "zh-Hans-SG", "zh-Hans-CN"], "zh-Hans"),
        ("eng_Abcd", ["en"], None),
    ],
)
def test_a_language_is_found_by_another_name_of_it(name: str, among: list[str], code: str | None) -> None:
    assert match_language(name, among) == code


@pytest.mark.parametrize("text", ["eng_Abcd", "qqq_Latn", "apc_Arab_nort3139", "eng_latn", "de", ""])
def test_what_is_no_name_of_flores_stays_as_it_is(text: str) -> None:
    assert canonical(text) == text


def test_names_within_a_text_become_codes() -> None:
    assert canonical_names("deu_Latn-eng_Latn") == "de-en"
    assert canonical_names("deu_Latn/3") == "de/3"
    assert canonical_names("zho_Hant-pool") == "zh-Hant-pool"


def test_languages_have_english_names() -> None:
    assert (language_name("zh-Hant"), language_name("qqq")) == ("Chinese (Traditional)", "qqq")


# --- YAML and the command line -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "written"),
    [
        *(("de", "Latn"), ("ru", "Cyrl"), ("sr", "Cyrl"), ("sr-Latn", "Latn"), ("hi", "Deva"), ("pt-BR", "Latn")),
        *(("zh", "Hani"), ("zh-Hant", "Hani"), ("yue", "Hani"), ("ja", "Hani"), ("ko", "Hang")),
        *(("tw", "Latn"), ("ajp", "Arab"), ("xx", "")),
    ],
)
def test_a_language_has_the_script_of_its_code_or_its_usual_one(code: str, written: str) -> None:
    """What CLDR calls Hans, Hant and Jpan holds Han characters alike."""
    assert script(code) == written


def test_a_task_may_name_its_languages_as_flores_does_and_its_rows_then_do_too(tmp_path: Path) -> None:
    spec = registry.load("task", write(tmp_path, "r.yaml", ROWS)).spec
    assert spec.languages == ("en", "zh-Hant")
    assert dict(spec.source.codes) == {"en": "eng_Latn", "zh-Hant": "zho_Hant"}  # type: ignore[union-attr]


def test_codes_that_a_yaml_gives_stay(tmp_path: Path) -> None:
    text = ROWS.replace("rows.jsonl", "rows.jsonl, codes: {eng_Latn: english}")
    spec = registry.load("task", write(tmp_path, "r.yaml", text)).spec
    assert dict(spec.source.codes) == {"en": "english", "zh-Hant": "zho_Hant"}  # type: ignore[union-attr]


def test_grid_and_corpus_take_the_names_of_flores(tmp_path: Path) -> None:
    spec = registry.load("task", write(tmp_path, "r.yaml", ROWS + "grid: {cross-lingual: [[eng_Latn, zho_Hant]]}")).spec
    assert spec.grid.cross_lingual == (("en", "zh-Hant"),)
    corpus = "name: c\nlanguages: [eng_Latn, pes_Arab]\nformat: aligned-lines\nrelation: translation\n"
    corpus += "source: {path: 'c.{lang}', sha256: {eng_Latn: " + "a" * 64 + "}}\n"
    loaded = registry.load("corpus", write(tmp_path, "c.yaml", corpus)).spec
    assert loaded.languages == ("en", "fa") and list(loaded.source.sha256) == ["en"]  # type: ignore[union-attr]
    assert loaded.source.fill(loaded.source.path, "fa") == "c.pes_Arab"  # type: ignore[union-attr]


def test_a_yaml_in_codes_is_read_as_before(tmp_path: Path) -> None:
    plain = ROWS.replace("eng_Latn", "en").replace("zho_Hant", "zh-Hant")
    spec = registry.load("task", write(tmp_path, "r.yaml", plain)).spec
    assert spec.source.codes == {}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("eng_Latn,", "qqq_Latn,"),
            r"r\.yaml:3: languages\.0: found 'qqq_Latn', expected a language code .*'deu_Latn'",
        ),
        (("eng_Latn,", "en, eng_Latn,"), r"languages: .*each language once, not en twice"),
        (
            ("rows.jsonl", "r, codes: {en: a, eng_Latn: b}"),
            r"r\.yaml:5: 'eng_Latn' is 'en', which stands there already",
        ),
    ],
)
def test_a_wrong_name_is_one_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(SpecError, match=message) as raised:
        registry.load("task", write(tmp_path, "r.yaml", ROWS.replace(*change)))
    assert "\n" not in str(raised.value)


def test_a_task_is_restricted_to_languages_by_any_name() -> None:
    spec = registry.load("task", "facts").spec
    assert restrict(spec, ["deu_Latn", "arb_Arab"]) == restrict(spec, ["de", "ar"])
    with pytest.raises(ValueError, match="task facts lacks qqq_Latn; it has ar, de"):
        restrict(spec, ["qqq_Latn"])


def test_a_run_on_languages_by_their_names_in_flores_is_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    for languages, out in (("deu_Latn,eng_Latn", "flores"), ("de,en", "codes")):
        words = ["xbench", "run", "--model", "random", "--task", "facts", "--languages", languages, "--out", out]
        monkeypatch.setattr("sys.argv", words)
        with pytest.raises(SystemExit, match="0"):
            cli.main()
    first, second = (next(Path(out).rglob("*.json")) for out in ("flores", "codes"))
    assert first.relative_to("flores") == second.relative_to("codes")
    assert read_result(first).scores == read_result(second).scores


def test_yaml_of_the_tasks_that_ship_holds_codes_alone() -> None:
    for path in registry.shipped("tasks").glob("*.yaml"):
        task = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert not [name for name in task.get("languages", ()) if canonical(str(name)) != str(name)]
