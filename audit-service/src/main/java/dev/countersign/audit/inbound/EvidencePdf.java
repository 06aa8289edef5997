package dev.countersign.audit.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Note;
import dev.countersign.verifier.EvidenceFile;
import dev.countersign.verifier.Finding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Calendar;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDDocumentNameDictionary;
import org.apache.pdfbox.pdmodel.PDEmbeddedFilesNameTreeNode;
import org.apache.pdfbox.pdmodel.PageMode;
import org.apache.pdfbox.pdmodel.common.filespecification.PDComplexFileSpecification;
import org.apache.pdfbox.pdmodel.common.filespecification.PDEmbeddedFile;

/// An action's evidence as a document that an auditor reads, with the file that proves it attached.
/// What was verified is said first, and what was not is said first, too, in red: a document of
/// evidence that is wrong has nothing else in it.
final class EvidencePdf {

  private final EvidenceFile file;
  private final Finding finding;
  private final EvidenceWords words;
  private final Locale language;
  private final Instant now;

  /// @param finding what verification came to, by the service's own keys
  EvidencePdf(
      EvidenceFile file, Finding finding, EvidenceWords words, Locale language, Instant now) {
    this.file = file;
    this.finding = finding;
    this.words = words;
    this.language = language;
    this.now = now;
  }

  byte[] bytes() {
    try (PdfSheet sheet = new PdfSheet()) {
      about(sheet.document());
      attach(sheet.document());
      Dossier dossier = new Dossier(file, finding.ignored());
      firstPage(sheet, dossier);
      if (!(finding instanceof Finding.Wrong)) {
        new EvidenceStory(sheet, words, dossier).write();
        new EvidenceOutcome(sheet, words, dossier).write();
        new EvidenceProofs(sheet, words, file).write();
      }
      return sheet.finish(this::foot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void firstPage(PdfSheet sheet, Dossier dossier) throws IOException {
    sheet.title(words.title());
    sheet.code(words.action(), file.actionId().toString());
    Note note = Note.read(file.checkpoint().getBytes(StandardCharsets.UTF_8));
    sheet.small(words.madeAt(EvidenceSummary.moment(now), Checkpoint.read(note.text()).origin()));
    switch (finding) {
      case Finding.Proven proven -> {
        sheet.lead(new EvidenceSummary(words, dossier).sentence());
        sheet.good(words.proven() + "\n" + proven.sentence());
      }
      case Finding.Wrong wrong -> sheet.alarm(words.wrong() + "\n" + wrong.sentence());
      case Finding.NotVerifiable none ->
          sheet.alarm(words.notVerifiable() + "\n" + none.sentence());
    }
    sheet.subheading(words.verifyYourself());
    sheet.text(finding instanceof Finding.Wrong ? words.lookYourself() : words.verifySteps());
    sheet.mono(
        "pdfdetach -saveall evidence.pdf\n./countersign verify "
            + attachment()
            + " --log log.vkey --witness witness.vkey --keys jwks.json");
  }

  private String attachment() {
    return "evidence-" + file.actionId() + ".json";
  }

  private String foot(int page, int pages) {
    String id = file.actionId().toString();
    return switch (finding) {
      case Finding.Proven _ -> words.foot(id, page, pages);
      case Finding.Wrong _, Finding.NotVerifiable _ -> words.footUnproven(id, page, pages);
    };
  }

  private void about(PDDocument document) {
    document.getDocumentInformation().setTitle(words.title() + " " + file.actionId());
    document.getDocumentInformation().setCreator("Countersign");
    Calendar made = Calendar.getInstance(TimeZone.getTimeZone("UTC"), Locale.ROOT);
    made.setTimeInMillis(now.toEpochMilli());
    document.getDocumentInformation().setCreationDate(made);
    document.getDocumentCatalog().setLanguage(language.toLanguageTag());
    document.getDocumentCatalog().setPageMode(PageMode.USE_ATTACHMENTS);
  }

  private void attach(PDDocument document) throws IOException {
    byte[] json = EventJson.write(file);
    PDEmbeddedFile embedded =
        new PDEmbeddedFile(document, new ByteArrayInputStream(json), COSName.FLATE_DECODE);
    embedded.setSubtype("application/json");
    embedded.setSize(json.length);
    PDComplexFileSpecification named = new PDComplexFileSpecification();
    named.setFile(attachment());
    named.setFileUnicode(attachment());
    named.setEmbeddedFile(embedded);
    named.setEmbeddedFileUnicode(embedded);
    named.getCOSObject().setName("AFRelationship", "Source");
    PDEmbeddedFilesNameTreeNode files = new PDEmbeddedFilesNameTreeNode();
    files.setNames(Map.of(attachment(), named));
    PDDocumentNameDictionary names = new PDDocumentNameDictionary(document.getDocumentCatalog());
    names.setEmbeddedFiles(files);
    document.getDocumentCatalog().setNames(names);
  }
}
